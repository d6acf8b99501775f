-- target: staging.file_user_activity_log
-- grain: one row of a file of actions, as it was read last
-- keys: load_key, number
-- reads: user_activity_log.csv, user_activity_log_inc.csv
-- params: none
create table if not exists staging.file_user_activity_log (
  load_key text not null,
  number bigint not null,
  uniq_id text,
  date_time timestamp,
  action_id bigint,
  customer_id bigint,
  quantity bigint,
  reason_code text,
  payload jsonb
) partition by list (load_key);

create unlogged table if not exists staging.file_user_activity_log_history
  partition of staging.file_user_activity_log for values in ('history');

create unlogged table if not exists staging.file_user_activity_log_increment
  partition of staging.file_user_activity_log default;
