-- target: staging.user_activity_log
-- grain: one action of a customer
-- keys: uniq_id
-- reads: user_activity_log.csv, user_activity_log_inc.csv
-- params: none
create table if not exists staging.user_activity_log (
  uniq_id varchar(32),
  date_time timestamp,
  action_id bigint,
  customer_id bigint,
  quantity bigint
);
create unique index if not exists user_activity_log_once on staging.user_activity_log (uniq_id);
create index if not exists user_activity_log_by_day on staging.user_activity_log (date_time);
