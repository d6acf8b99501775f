-- target: staging.file_user_activity_log
-- grain: one row of a file of actions, as it was read last
-- keys: load_key, number
-- reads: user_activity_log.csv, user_activity_log_inc.csv
-- params: none
create unlogged table if not exists staging.file_user_activity_log (
  load_key text not null,
  number bigint not null,
  uniq_id text,
  date_time timestamp,
  action_id bigint,
  customer_id bigint,
  quantity bigint,
  reason_code text,
  payload jsonb
);
create index if not exists file_user_activity_log_by_load
  on staging.file_user_activity_log (load_key);
