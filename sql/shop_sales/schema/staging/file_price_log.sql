-- target: staging.file_price_log
-- grain: one row of a price list, as it was read last
-- keys: load_key, number
-- reads: price_log.csv
-- params: none
create table if not exists staging.file_price_log (
  load_key text not null,
  number bigint not null,
  name text,
  price numeric,
  reason_code text,
  payload jsonb
) partition by list (load_key);

create unlogged table if not exists staging.file_price_log_history
  partition of staging.file_price_log for values in ('history');

create unlogged table if not exists staging.file_price_log_increment
  partition of staging.file_price_log default;
