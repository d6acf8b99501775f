-- target: staging.price_log
-- grain: one item as the shop prices it
-- keys: name
-- reads: price_log.csv
-- params: none
create table if not exists staging.price_log (
  name varchar,
  price numeric
);
create unique index if not exists price_log_once on staging.price_log (name);
