-- target: ops.simulation
-- grain: one policy of reminding, replayed over the days before a day
-- keys: day, policy
-- reads: core.payments, core.loans, ops.notification_rule, ops.channel_cost
-- params: day, window_days
-- before: on the first of a month a letter to every borrower and a call to each who is behind.
-- after: the staged rules, one notice a day and client. Both look at the payments planned in the window, and nobody
-- is assumed to pay sooner than the records say: what differs is whom a person calls, and what it costs.
delete from ops.simulation
where day = @day::date;
create temporary table replayed on commit drop as
select
  p.client_id, p.loan_name, p.payment_number,
  p.payment_date::date as planned_on,
  p.payment_fact_date::date as paid_on,
  l.paid_amount as planned,
  greatest(0, l.paid_amount - p.paid_fact_amount) as shortfall
from core.payments p
join core.loans l
  on l.client_id = p.client_id
  and l.loan_name = p.loan_name
where p.payment_date::date >= @day::date - @window_days::int
  and p.payment_date::date < @day::date
  and (p.payment_fact_date::date > p.payment_date::date - 3 or p.paid_fact_amount < l.paid_amount);
insert into ops.simulation (
  day, policy, window_start, letters, notices, calls, hand_overs, suppressed, overdue_contacts,
  cured, cure_rate, cost, cost_per_cured
)
with letter_day as (
  select m::date as day
  from generate_series(
    date_trunc('month', (@day::date - @window_days::int)::timestamp) + interval '1 month',
    @day::date - interval '1 day',
    interval '1 month'
  ) m
),
letters as (
  select count(*) as letters
  from letter_day m
  join (
    select distinct client_id, loan_start_date::date as start_on, loan_end_date::date as end_on
    from core.loans
  ) l
    on l.start_on <= m.day
    and l.end_on >= m.day
),
behind as (
  select
    m.day,
    r.client_id,
    r.shortfall = 0 and r.paid_on <= least(m.day + 7, @day::date) as is_cured
  from letter_day m
  join replayed r
    on r.planned_on < m.day
    and (r.paid_on > m.day or r.shortfall > 0)
),
before as (
  select
    (select letters from letters) as letters,
    count(distinct (day, client_id)) as calls,
    count(*) as overdue_contacts,
    count(*) filter (where is_cured) as cured
  from behind
),
fired as (
  select
    r.client_id,
    rule.channel,
    rule.offset_days > 0 as is_overdue,
    r.shortfall = 0
      and r.paid_on <= least(r.planned_on + rule.offset_days + 7, @day::date) as is_cured,
    row_number() over (
      partition by r.client_id, r.planned_on + rule.offset_days
      order by
        greatest(0, rule.offset_days) * case
          when r.paid_on > r.planned_on + rule.offset_days then r.planned
          else r.shortfall
        end desc,
        r.planned_on, r.loan_name, r.payment_number
    ) as place
  from replayed r
  cross join ops.notification_rule rule
  where r.planned_on + rule.offset_days < @day::date
    and (r.paid_on > r.planned_on + rule.offset_days or r.shortfall > 0)
),
after as (
  select
    count(*) filter (where f.place = 1 and f.channel not in ('call', 'collection')) as notices,
    count(*) filter (where f.place = 1 and f.channel = 'call') as calls,
    count(*) filter (where f.place = 1 and f.channel = 'collection') as hand_overs,
    count(*) filter (where f.place > 1) as suppressed,
    count(*) filter (where f.place = 1 and f.is_overdue) as overdue_contacts,
    count(*) filter (where f.place = 1 and f.is_overdue and f.is_cured) as cured,
    coalesce(sum(c.cost) filter (where f.place = 1), 0) as cost
  from fired f
  join ops.channel_cost c on c.channel = f.channel
),
policy as (
  select
    'before' as policy, b.letters, 0::bigint as notices, b.calls, 0::bigint as hand_overs,
    0::bigint as suppressed, b.overdue_contacts, b.cured,
    b.letters * (select cost from ops.channel_cost where channel = 'letter')
      + b.calls * (select cost from ops.channel_cost where channel = 'call') as cost
  from before b
  union all
  select
    'after', 0, a.notices, a.calls, a.hand_overs, a.suppressed, a.overdue_contacts, a.cured, a.cost
  from after a
)
select
  @day::date, policy, @day::date - @window_days::int, letters, notices, calls, hand_overs,
  suppressed, overdue_contacts, cured,
  round(100.0 * cured / nullif(overdue_contacts, 0), 2),
  cost,
  round(cost / nullif(cured, 0), 2)
from policy;
