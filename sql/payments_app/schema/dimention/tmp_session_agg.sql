-- target: dimention.tmp_session_agg
-- grain: one session of the window with what happened in it
-- keys: session_id
-- reads: nothing
-- params: none
create table if not exists dimention.tmp_session_agg (
  session_id text constraint tmp_session_agg_pkey primary key,
  events bigint not null,
  payments bigint not null
);
