-- target: core.loan_status(date)
-- grain: one loan as it is known on a day
-- keys: client_id, loan_name
-- reads: core.clients, core.loans, core.payments
-- params: none
-- What is paid after the day is not known on it: such a payment is overdue from the day after its planned one.
create or replace function core.loan_status(as_of date)
returns table (
  as_of_date date,
  loan_id int,
  client_id int,
  client_name text,
  loan_name text,
  loan_amount int,
  loan_end_date date,
  paid_total bigint,
  overdue_payments bigint,
  is_term_passed boolean,
  is_overdue boolean,
  status text
)
language sql
stable
as $$
  with paid as (
    select
      p.client_id,
      p.loan_name,
      sum(p.paid_fact_amount) filter (where p.payment_fact_date::date <= as_of) as paid_total,
      count(*) filter (
        where p.status
        and (
          (p.payment_fact_date::date > p.payment_date::date and p.payment_date::date < as_of)
          or (p.payment_fact_date::date <= as_of and p.paid_fact_amount < l.paid_amount)
        )
      ) as overdue_payments
    from core.payments p
    join core.loans l
      on l.client_id = p.client_id
      and l.loan_name = p.loan_name
    group by p.client_id, p.loan_name
  ),
  loan as (
    select
      l.id,
      l.client_id,
      c.fio,
      l.loan_name,
      l.loan_amount,
      l.loan_end_date::date as loan_end_date,
      coalesce(p.paid_total, 0)::bigint as paid_total,
      coalesce(p.overdue_payments, 0) as overdue_payments,
      as_of > l.loan_end_date::date and coalesce(p.paid_total, 0) < l.loan_amount as is_term_passed
    from core.loans l
    join core.clients c on c.client_id = l.client_id
    left join paid p
      on p.client_id = l.client_id
      and p.loan_name = l.loan_name
    where l.loan_start_date::date <= as_of
  )
  select
    as_of,
    id,
    client_id,
    fio,
    loan_name,
    loan_amount,
    loan_end_date,
    paid_total,
    overdue_payments,
    is_term_passed,
    is_term_passed or overdue_payments > 0,
    case
      when is_term_passed or overdue_payments > 0 then 'overdue'
      when paid_total >= loan_amount then 'repaid'
      else 'current'
    end
  from loan
$$;
