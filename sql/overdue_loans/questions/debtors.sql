-- target: none
-- grain: one client with an overdue payment
-- keys: client_id
-- reads: mart.data_mart
-- params: from, to
select
  client_id,
  fio,
  count(distinct loan_name)::int as overdue_loans,
  count(*)::int as overdue_payments,
  sum(greatest(0, paid_amount - paid_fact_amount))::bigint as shortfall,
  max(greatest(0, payment_fact_date::date - payment_date::date)) as longest_delay_days
from mart.data_mart
where status
  and payment_date >= @from::date
  and payment_date < @to::date
group by client_id, fio
order by shortfall desc, overdue_payments desc, client_id
limit 10;
