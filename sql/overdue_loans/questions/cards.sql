-- target: none
-- grain: one row: the cards of the report
-- keys: none
-- reads: mart.data_mart
-- params: from, to
with loan as (
  select
    client_id, loan_name, loan_amount,
    bool_or(status) as is_overdue,
    coalesce(sum(paid_fact_amount) filter (where status), 0) as overdue_payments
  from mart.data_mart
  where payment_date >= @from::date
    and payment_date < @to::date
  group by client_id, loan_name, loan_amount
)
select
  coalesce(sum(overdue_payments), 0)::bigint as overdue_payments,
  coalesce(sum(loan_amount), 0)::bigint as loan_amount,
  count(*)::int as loans,
  count(*) filter (where is_overdue)::int as overdue_loans
from loan;
