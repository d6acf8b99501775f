-- target: core.v_loan_status
-- grain: one loan as it is known on the day of the setting overdue_loans.as_of, else today
-- keys: client_id, loan_name
-- reads: core.loan_status
-- params: none
create or replace view core.v_loan_status as
select
  as_of_date, loan_id, client_id, client_name, loan_name, loan_amount, loan_end_date, paid_total,
  overdue_payments, is_term_passed, is_overdue, status
from core.loan_status(
  coalesce(
    nullif(current_setting('overdue_loans.as_of', true), '')::date,
    (now() at time zone 'UTC')::date
  )
);
