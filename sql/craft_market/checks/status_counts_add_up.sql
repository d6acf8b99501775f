-- target: none, it finds counts by status that do not add up
-- grain: one row of a mart
-- keys: none
-- reads: dwh.customer_report_datamart, dwh.craftsman_report_datamart
-- params: none
select 'customer' as mart, m.customer_id as subject_id, m.report_period
from dwh.customer_report_datamart m
where m.count_order_created + m.count_order_in_progress + m.count_order_delivery
    <> m.count_order_not_done
  or m.count_order_not_done + m.count_order_done <> m.count_order
union all
select 'craftsman', m.craftsman_id, m.report_period
from dwh.craftsman_report_datamart m
where m.count_order_created + m.count_order_in_progress + m.count_order_delivery
    <> m.count_order_not_done
  or m.count_order_not_done + m.count_order_done <> m.count_order
limit 10;
