-- target: none, it adds up
-- grain: one row
-- keys: none
-- reads: data_mart.daily_business_summary
-- params: none
select
  toString(toInt64(sum(total_revenue) * 100)) as revenue_cents,
  toString(sum(successful_orders)) as successful_orders,
  toString(sum(total_sessions)) as sessions,
  toString(min(event_date)) as first_date,
  toString(max(event_date)) as last_date
from data_mart.daily_business_summary
