-- target: staging.user_order_log, staging.user_activity_log, staging.customer_research
-- grain: the rows of the days of a load, taken out
-- keys: none
-- reads: nothing
-- params: day_from, day_to
with orders as (
  delete from staging.user_order_log
  where date_time >= @day_from::date
    and date_time < @day_to::date
  returning 1
), actions as (
  delete from staging.user_activity_log
  where date_time >= @day_from::date
    and date_time < @day_to::date
  returning 1
), research as (
  delete from staging.customer_research
  where date_id >= @day_from::date
    and date_id < @day_to::date
  returning 1
), counted as (
  select
    (select count(*) from orders)
    + (select count(*) from actions)
    + (select count(*) from research) as rows_out
)
select
  rows_out as rows_in,
  rows_out
from counted;
