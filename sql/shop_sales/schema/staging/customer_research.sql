-- target: staging.customer_research
-- grain: one category in one region on one day
-- keys: date_id, category_id, geo_id
-- reads: customer_research.csv, customer_research_inc.csv
-- params: none
create table if not exists staging.customer_research (
  date_id timestamp,
  category_id int,
  geo_id int,
  sales_qty int,
  sales_amt numeric(14, 2)
);
create unique index if not exists customer_research_once
  on staging.customer_research (date_id, category_id, geo_id);
