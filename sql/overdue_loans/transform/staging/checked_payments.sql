-- target: the temporary table incoming_payments: what repeats a key of its file
-- grain: one record of a file
-- keys: record_number
-- reads: incoming_payments
-- params: none
analyze incoming_payments;
with first as (
  select client_id, loan_name, payment_number, min(record_number) as record_number
  from incoming_payments
  where reason_code is null
  group by client_id, loan_name, payment_number
  having count(*) > 1
)
update incoming_payments i
set reason_code = case
  when (
    i.payment_date, i.payment_fact_date, i.paid_fact_amount
  ) is distinct from (
    f.payment_date, f.payment_fact_date, f.paid_fact_amount
  ) then 'duplicate_key'
  else 'exact_duplicate'
end
from first
join incoming_payments f on f.record_number = first.record_number
where i.client_id = first.client_id
  and i.loan_name = first.loan_name
  and i.payment_number = first.payment_number
  and i.record_number > first.record_number
  and i.reason_code is null;
update incoming_payments i
set reason_code = case
  when exists (select from staging.clients c where c.client_id = i.client_id) then 'unknown_loan'
  else 'unknown_client'
end
where i.reason_code is null
  and not exists (
    select
    from staging.loans l
    where l.client_id = i.client_id
      and l.loan_name = i.loan_name
  );
