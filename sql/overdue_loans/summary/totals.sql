-- target: none
-- grain: one row
-- keys: none
-- reads: mart, core, ops
-- params: none
select
  (select count(*) from mart.data_mart) as payments,
  (select count(*) from mart.data_mart where status) as overdue_payments,
  (select coalesce(sum(greatest(0, paid_amount - paid_fact_amount)), 0) from mart.data_mart)
    as shortfall,
  (select min(payment_date)::date from mart.data_mart) as first_date,
  (select max(payment_date)::date from mart.data_mart) as last_date,
  (select max(day) from ops.notification_report) as report_day,
  r.cure_rate,
  r.cost_per_cured,
  r.calls_saved,
  (select count(*) from ops.notification_outbox where status = 'sent') as sent
from (select) one
left join ops.notification_report r
  on r.day = (select max(day) from ops.notification_report);
