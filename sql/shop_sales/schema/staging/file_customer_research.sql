-- target: staging.file_customer_research
-- grain: one row of a file of research, as it was read last
-- keys: load_key, number
-- reads: customer_research.csv, customer_research_inc.csv
-- params: none
create table if not exists staging.file_customer_research (
  load_key text not null,
  number bigint not null,
  date_id timestamp,
  category_id int,
  geo_id int,
  sales_qty int,
  sales_amt numeric(14, 2),
  reason_code text,
  payload jsonb
) partition by list (load_key);

create unlogged table if not exists staging.file_customer_research_history
  partition of staging.file_customer_research for values in ('history');

create unlogged table if not exists staging.file_customer_research_increment
  partition of staging.file_customer_research default;
