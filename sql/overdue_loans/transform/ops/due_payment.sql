-- target: ops.due_payment
-- grain: one payment with a stage that is due on the day
-- keys: client_id, loan_name, payment_number
-- reads: core.payments, core.loans, ops.notification_rule, ops.notification_outbox
-- params: day, oldest_days
delete from ops.due_payment;
insert into ops.due_payment (
  day, client_id, loan_name, payment_number, stage, channel, template_code, planned_on,
  days_overdue, shortfall, risk, priority, rank_of_client
)
with client_risk as (
  select
    client_id,
    (count(*) filter (where status) + 1)::numeric / (count(*) + 2) as risk
  from core.payments
  where payment_date::date < @day::date
  group by client_id
),
-- What is paid after the day is not known on it.
known as (
  select
    p.client_id,
    p.loan_name,
    p.payment_number,
    p.payment_date::date as planned_on,
    case
      when p.payment_fact_date::date > @day::date then l.paid_amount
      else greatest(0, l.paid_amount - p.paid_fact_amount)
    end as shortfall
  from core.payments p
  join core.loans l
    on l.client_id = p.client_id
    and l.loan_name = p.loan_name
  where p.payment_date::date
    <= @day::date - (select min(offset_days) from ops.notification_rule)
    -- Older debts went through all stages long ago; they would crowd out those that a notice may still cure.
    and p.payment_date::date >= @day::date - @oldest_days::int
    and (p.payment_fact_date::date > @day::date or p.paid_fact_amount < l.paid_amount)
),
due as (
  select
    k.client_id, k.loan_name, k.payment_number, k.planned_on, k.shortfall, r.stage, r.channel,
    r.template_code,
    greatest(0, @day::date - k.planned_on) as days_overdue,
    round(coalesce(c.risk, 0.5), 6) as risk
  from known k
  cross join lateral (
    select stage, channel, template_code
    from ops.notification_rule
    where k.planned_on + offset_days <= @day::date
    order by offset_days desc
    limit 1
  ) r
  left join client_risk c on c.client_id = k.client_id
  where k.shortfall > 0
    and not exists (
      select
      from ops.notification_outbox o
      where o.client_id = k.client_id
        and o.loan_name = k.loan_name
        and o.payment_number = k.payment_number
        and o.stage = r.stage
        and o.status <> 'suppressed'
    )
)
select
  @day::date, client_id, loan_name, payment_number, stage, channel, template_code, planned_on,
  days_overdue, shortfall, risk,
  round(days_overdue * shortfall * risk, 4),
  row_number() over (
    partition by client_id
    order by days_overdue * shortfall * risk desc, planned_on, loan_name, payment_number
  )
from due;
select count(*) as due, count(distinct client_id) as clients
from ops.due_payment;
