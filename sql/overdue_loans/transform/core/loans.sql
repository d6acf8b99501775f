-- target: core.loans
-- grain: one loan of a client
-- keys: client_id, loan_name
-- reads: staging.loans
-- params: none
merge into core.loans t
using (
  select
    id, client_id, loan_name, loan_amount, loan_start_date, loan_end_date, payment_numbers,
    paid_amount
  from staging.loans
) s
  on t.client_id = s.client_id
  and t.loan_name = s.loan_name
when matched and (
  t.loan_amount, t.loan_start_date, t.loan_end_date, t.payment_numbers, t.paid_amount
) is distinct from (
  s.loan_amount, s.loan_start_date, s.loan_end_date, s.payment_numbers, s.paid_amount
) then update set
  loan_amount = s.loan_amount,
  loan_start_date = s.loan_start_date,
  loan_end_date = s.loan_end_date,
  payment_numbers = s.payment_numbers,
  paid_amount = s.paid_amount
when not matched then insert (
  id, client_id, loan_name, loan_amount, loan_start_date, loan_end_date, payment_numbers,
  paid_amount
)
values (
  s.id, s.client_id, s.loan_name, s.loan_amount, s.loan_start_date, s.loan_end_date,
  s.payment_numbers, s.paid_amount
);
