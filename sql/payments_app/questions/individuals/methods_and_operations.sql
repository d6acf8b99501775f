-- target: the question: which methods and operations are preferred
-- grain: one method and kind of operation
-- keys: none
-- reads: payments_mart.client_daily
-- params: none
select
  method,
  op_type,
  sum(payments) as payments,
  sum(gpv) as gpv,
  round(100 * payments / sum(payments) over (), 1) as share_percent
from payments_mart.client_daily
where method != ''
group by method, op_type
order by payments desc, method, op_type
