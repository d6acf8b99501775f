-- target: staging.loans
-- grain: one loan of a client, as last delivered
-- keys: client_id, loan_name
-- reads: incoming_loans
-- params: part, file_name, load_ts
create temporary table changed_loans on commit drop as
select
  i.record_number,
  i.client_id, i.loan_name, i.loan_amount, i.loan_start_date, i.loan_end_date,
  i.payment_numbers, i.paid_amount,
  t.client_id is null as is_new
from incoming_loans i
left join staging.loans t
  on t.client_id = i.client_id
  and t.loan_name = i.loan_name
where i.reason_code is null
  and (
    t.client_id is null
    or (
      -- A part that is loaded again takes nothing back that a later part has told.
      coalesce(substring(t.file_name from '_(\d+)\.json$')::int, 0) <= @part::int
      and (
        t.loan_amount, t.loan_start_date, t.loan_end_date, t.payment_numbers, t.paid_amount
      ) is distinct from (
        i.loan_amount, i.loan_start_date, i.loan_end_date, i.payment_numbers, i.paid_amount
      )
    )
  );
update staging.loans t
set
  loan_amount = s.loan_amount,
  loan_start_date = s.loan_start_date,
  loan_end_date = s.loan_end_date,
  payment_numbers = s.payment_numbers,
  paid_amount = s.paid_amount,
  file_name = @file_name::text,
  load_ts = @load_ts::timestamp
from changed_loans s
where not s.is_new
  and t.client_id = s.client_id
  and t.loan_name = s.loan_name;
insert into staging.loans (
  client_id, loan_name, loan_amount, loan_start_date, loan_end_date, payment_numbers,
  paid_amount,
  file_name, load_ts
)
select
  client_id, loan_name, loan_amount, loan_start_date, loan_end_date, payment_numbers,
  paid_amount,
  @file_name::text, @load_ts::timestamp
from changed_loans
where is_new
order by record_number;
select count(*) as changed
from changed_loans;
