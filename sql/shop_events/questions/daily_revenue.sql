-- target: a chart: revenue by day (line)
-- grain: one row for each event_date
-- keys: event_date
-- reads: data_mart.daily_business_summary
-- params: none
select event_date, total_revenue, successful_orders, avg_order_value
from data_mart.daily_business_summary
order by event_date;
