-- target: staging.payments
-- grain: one planned payment of a loan, as last delivered
-- keys: client_id, loan_name, payment_number
-- reads: incoming_payments
-- params: part, file_name, load_ts
create temporary table changed_payments on commit drop as
select
  i.record_number,
  i.client_id, i.loan_name, i.payment_number, i.payment_date, i.payment_fact_date,
  i.paid_fact_amount,
  t.client_id is null as is_new
from incoming_payments i
left join staging.payments t
  on t.client_id = i.client_id
  and t.loan_name = i.loan_name
  and t.payment_number = i.payment_number
where i.reason_code is null
  and (
    t.client_id is null
    or (
      -- A part that is loaded again takes nothing back that a later part has told.
      coalesce(substring(t.file_name from '_(\d+)\.json$')::int, 0) <= @part::int
      and (
        t.payment_date, t.payment_fact_date, t.paid_fact_amount
      ) is distinct from (
        i.payment_date, i.payment_fact_date, i.paid_fact_amount
      )
    )
  );
update staging.payments t
set
  payment_date = s.payment_date,
  payment_fact_date = s.payment_fact_date,
  paid_fact_amount = s.paid_fact_amount,
  file_name = @file_name::text,
  load_ts = @load_ts::timestamp
from changed_payments s
where not s.is_new
  and t.client_id = s.client_id
  and t.loan_name = s.loan_name
  and t.payment_number = s.payment_number;
insert into staging.payments (
  client_id, loan_name, payment_number, payment_date, payment_fact_date, paid_fact_amount,
  file_name, load_ts
)
select
  client_id, loan_name, payment_number, payment_date, payment_fact_date, paid_fact_amount,
  @file_name::text, @load_ts::timestamp
from changed_payments
where is_new
order by record_number;
select count(*) as changed
from changed_payments;
