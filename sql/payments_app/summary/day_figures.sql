-- target: the figures of one day
-- grain: none
-- keys: none
-- reads: bi.v_payment, dq.rejected_rows
-- params: batch_dt
select
  k.payments,
  k.gpv,
  k.revenue,
  (select count(*) from dq.rejected_rows where business_dt = @batch_dt::date) as rejected
from bi.period_kpi(@batch_dt::date, @batch_dt::date) k
