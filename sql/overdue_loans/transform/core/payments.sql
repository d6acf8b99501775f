-- target: core.payments, core.payments_history
-- grain: one planned payment of a loan; one version that a later one replaced
-- keys: client_id, loan_name, payment_number; and version
-- reads: staging.payments, core.loans
-- params: file_name
create temporary table changed_core_payments on commit drop as
select
  p.id, p.client_id, p.loan_name, p.payment_number, p.payment_date, p.payment_fact_date,
  p.paid_fact_amount,
  p.payment_fact_date::date > p.payment_date::date or p.paid_fact_amount < l.paid_amount as status,
  c.id is null as is_new
from staging.payments p
join core.loans l
  on l.client_id = p.client_id
  and l.loan_name = p.loan_name
left join core.payments c
  on c.client_id = p.client_id
  and c.loan_name = p.loan_name
  and c.payment_number = p.payment_number
where c.id is null
  or (c.payment_date, c.payment_fact_date, c.paid_fact_amount, c.status) is distinct from (
    p.payment_date, p.payment_fact_date, p.paid_fact_amount,
    p.payment_fact_date::date > p.payment_date::date or p.paid_fact_amount < l.paid_amount
  );
insert into core.payments_history (
  client_id, loan_name, payment_number, version, payment_date, payment_fact_date,
  paid_fact_amount, status, replaced_by_file
)
select
  c.client_id, c.loan_name, c.payment_number,
  1 + (
    select count(*)
    from core.payments_history h
    where h.client_id = c.client_id
      and h.loan_name = c.loan_name
      and h.payment_number = c.payment_number
  ),
  c.payment_date, c.payment_fact_date, c.paid_fact_amount, c.status, @file_name::text
from core.payments c
join changed_core_payments s
  on s.client_id = c.client_id
  and s.loan_name = c.loan_name
  and s.payment_number = c.payment_number
where not s.is_new;
update core.payments c
set
  payment_date = s.payment_date,
  payment_fact_date = s.payment_fact_date,
  paid_fact_amount = s.paid_fact_amount,
  status = s.status
from changed_core_payments s
where not s.is_new
  and c.client_id = s.client_id
  and c.loan_name = s.loan_name
  and c.payment_number = s.payment_number;
insert into core.payments (
  id, client_id, loan_name, payment_number, payment_date, payment_fact_date, paid_fact_amount,
  status
)
select
  id, client_id, loan_name, payment_number, payment_date, payment_fact_date, paid_fact_amount,
  status
from changed_core_payments
where is_new
order by id;
