-- target: bi.fct_session
-- grain: one session of the app
-- keys: session_id
-- reads: nothing
-- params: none
create table if not exists bi.fct_session (
  session_id text constraint fct_session_pkey primary key,
  date_sk int not null,
  client_sk bigint not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  duration_s int,
  platform text,
  app_version text,
  events bigint not null,
  payments bigint not null,
  batch_dt date not null
);
