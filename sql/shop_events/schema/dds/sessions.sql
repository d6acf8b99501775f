-- target: dds.sessions
-- grain: one session
-- keys: session_id
-- reads: dds.events
-- params: none
create table if not exists dds.sessions (
  session_id uuid primary key,
  user_id bigint not null references dds.users (user_id),
  start_ts timestamp,
  end_ts timestamp,
  event_count int not null,
  page_views_count int not null,
  orders_count int not null
);
