-- target: none
-- grain: one loan, the overdue ones with the most missing first
-- keys: loan_id
-- reads: core.v_loan_status
-- params: as_of
select
  loan_id, client_name, loan_name, loan_amount, loan_end_date, paid_total, overdue_payments,
  status
from core.loan_status(@as_of::date)
where is_overdue
order by loan_amount - paid_total desc, loan_id
limit 10;
