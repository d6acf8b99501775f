-- target: the temporary table incoming_loans: what repeats a key of its file
-- grain: one record of a file
-- keys: record_number
-- reads: incoming_loans
-- params: none
analyze incoming_loans;
with first as (
  select client_id, loan_name, min(record_number) as record_number
  from incoming_loans
  where reason_code is null
  group by client_id, loan_name
  having count(*) > 1
)
update incoming_loans i
set reason_code = case
  when (
    i.loan_amount, i.loan_start_date, i.loan_end_date, i.payment_numbers, i.paid_amount
  ) is distinct from (
    f.loan_amount, f.loan_start_date, f.loan_end_date, f.payment_numbers, f.paid_amount
  ) then 'duplicate_key'
  else 'exact_duplicate'
end
from first
join incoming_loans f on f.record_number = first.record_number
where i.client_id = first.client_id
  and i.loan_name = first.loan_name
  and i.record_number > first.record_number
  and i.reason_code is null;
-- A loan is nobody's as long as its client is not accepted.
update incoming_loans i
set reason_code = 'unknown_client'
where i.reason_code is null
  and not exists (select from staging.clients c where c.client_id = i.client_id);
