-- target: ops.notification_outbox
-- grain: one notice about a payment at a stage
-- keys: client_id, loan_name, payment_number, stage
-- reads: ops.due_payment, core.payments, core.loans, ops.notification_rule
-- params: day, scheduled_at
-- Nobody is reminded of what is paid, nor of a stage that a later one has overtaken.
update ops.notification_outbox o
set
  status = 'cancelled',
  reason = case when d.stage is null then 'paid' else 'superseded' end
from ops.notification_outbox own
left join ops.due_payment d
  on d.client_id = own.client_id
  and d.loan_name = own.loan_name
  and d.payment_number = own.payment_number
left join core.loans l
  on l.client_id = own.client_id
  and l.loan_name = own.loan_name
left join core.payments p
  on p.client_id = own.client_id
  and p.loan_name = own.loan_name
  and p.payment_number = own.payment_number
where o.id = own.id
  and own.status = 'pending'
  and (
    d.stage <> own.stage
    or (p.payment_fact_date::date <= @day::date and p.paid_fact_amount >= l.paid_amount)
  );
with taken as (
  select client_id
  from ops.notification_outbox
  where status = 'pending'
    or sent_on = @day::date
),
ranked as (
  select
    d.client_id, d.loan_name, d.payment_number, d.stage, d.channel, d.template_code, d.priority,
    d.shortfall,
    d.rank_of_client = 1
      and not exists (select from taken t where t.client_id = d.client_id) as is_first
  from ops.due_payment d
  where d.day = @day::date
)
insert into ops.notification_outbox as o (
  client_id, loan_name, payment_number, stage, channel, template_code, priority, shortfall,
  scheduled_at, status, reason
)
select
  client_id, loan_name, payment_number, stage, channel, template_code, priority, shortfall,
  @scheduled_at::timestamptz,
  case when is_first then 'pending' else 'suppressed' end,
  case when not is_first then 'one_a_day' end
from ranked
order by priority desc, client_id, loan_name, payment_number
on conflict (client_id, loan_name, payment_number, stage) do update set
  priority = excluded.priority,
  shortfall = excluded.shortfall,
  scheduled_at = excluded.scheduled_at,
  status = excluded.status,
  reason = excluded.reason
where o.status = 'suppressed'
  and (excluded.status = 'pending' or excluded.scheduled_at > o.scheduled_at);
-- A notice that lost to another of its client's is of no use once its payment is paid or a later stage is due.
update ops.notification_outbox o
set
  status = 'cancelled',
  reason = 'overtaken'
where o.status = 'suppressed'
  and not exists (
    select
    from ops.due_payment d
    where d.client_id = o.client_id
      and d.loan_name = o.loan_name
      and d.payment_number = o.payment_number
      and d.stage = o.stage
  )
  and o.scheduled_at < @scheduled_at::timestamptz;
select
  count(*) filter (where status = 'pending') as pending,
  count(*) filter (where status = 'suppressed') as suppressed
from ops.notification_outbox;
