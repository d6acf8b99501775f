-- target: none, it answers: how do orders and the platform's income go month by month, for planning promotions
-- grain: one of the last twelve months
-- keys: none
-- reads: dwh.customer_report_datamart, dwh.orders_report_materialized_view
-- params: none
select
  m.report_period as month,
  sum(m.count_order)::int as orders,
  count(*)::int as customers,
  sum(m.customer_money)::text as customer_money,
  sum(m.platform_money)::text as platform_money,
  sum(m.count_order_done)::int as done,
  sum(m.count_order_not_done)::int as not_done,
  min(o.median_time_order_completed)::text as median_days
from dwh.customer_report_datamart m
join dwh.orders_report_materialized_view o on o.report_period = m.report_period
group by m.report_period
order by m.report_period desc
limit 12;
