-- target: dwh.orders_report_materialized_view
-- grain: one month
-- keys: report_period
-- reads: dwh.f_order, dwh.d_product, dwh.d_craftsman, dwh.d_customer
-- params: none
refresh materialized view dwh.orders_report_materialized_view;
select
  count(*) as rows_in,
  count(*) as rows_out
from dwh.orders_report_materialized_view;
