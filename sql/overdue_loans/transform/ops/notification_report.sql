-- target: ops.notification_report
-- grain: one day on which notices were sent or looked at
-- keys: day
-- reads: ops.notification_outbox, ops.channel_cost, ops.simulation, core.payments, core.loans
-- params: day
insert into ops.notification_report as r (
  day, sent, suppressed, cancelled, failed, pending, matured, cured, cure_rate, cost,
  cost_per_cured, calls_saved
)
-- A notice is ripe when the seven days in which it may work are over.
with ripe as (
  select
    cost.cost,
    p.paid_fact_amount >= l.paid_amount
      and p.payment_fact_date::date > o.sent_on
      and p.payment_fact_date::date <= o.sent_on + 7 as is_cured
  from ops.notification_outbox o
  join ops.channel_cost cost on cost.channel = o.channel
  join core.payments p
    on p.client_id = o.client_id
    and p.loan_name = o.loan_name
    and p.payment_number = o.payment_number
  join core.loans l
    on l.client_id = o.client_id
    and l.loan_name = o.loan_name
  where o.status = 'sent'
    and o.sent_on + 7 <= @day::date
),
matured as (
  select
    count(*) as matured,
    count(*) filter (where is_cured) as cured,
    coalesce(sum(cost), 0) as cost
  from ripe
),
outbox as (
  select
    count(*) filter (where status = 'sent' and sent_on = @day::date) as sent,
    count(*) filter (where status = 'suppressed') as suppressed,
    count(*) filter (where status = 'cancelled') as cancelled,
    count(*) filter (where status = 'failed') as failed,
    count(*) filter (where status = 'pending') as pending
  from ops.notification_outbox
),
saved as (
  select
    coalesce(sum(calls) filter (where policy = 'before'), 0)
      - coalesce(sum(calls) filter (where policy = 'after'), 0) as calls
  from ops.simulation
  where day = @day::date
)
select
  @day::date, o.sent, o.suppressed, o.cancelled, o.failed, o.pending, m.matured, m.cured,
  round(100.0 * m.cured / nullif(m.matured, 0), 2),
  m.cost,
  round(m.cost / nullif(m.cured, 0), 2),
  s.calls
from outbox o, matured m, saved s
on conflict (day) do update set
  sent = excluded.sent,
  matured = excluded.matured,
  cured = excluded.cured,
  cure_rate = excluded.cure_rate,
  cost = excluded.cost,
  cost_per_cured = excluded.cost_per_cured,
  calls_saved = excluded.calls_saved,
  computed_at = now();
-- What waits and what was suppressed is known of the last day only; on a day before it, the count of that day stays.
update ops.notification_report r
set
  suppressed = o.suppressed,
  cancelled = o.cancelled,
  failed = o.failed,
  pending = o.pending
from (
  select
    count(*) filter (where status = 'suppressed') as suppressed,
    count(*) filter (where status = 'cancelled') as cancelled,
    count(*) filter (where status = 'failed') as failed,
    count(*) filter (where status = 'pending') as pending
  from ops.notification_outbox
) o
where r.day = @day::date
  and not exists (select from ops.notification_report later where later.day > r.day);
select
  sent, suppressed, pending, matured, cured, cure_rate, cost, cost_per_cured, calls_saved
from ops.notification_report
where day = @day::date;
