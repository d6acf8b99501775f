-- name: AlertCreateTest :one
-- An alert that a person asked for, to see whether alerts arrive. Each is a new one.
insert into alert (kind, dag_id, task_instance_id, payload)
values (
  'alert.test',
  'alerts_test',
  (extract(epoch from clock_timestamp()) * 1000000)::bigint,
  @payload::jsonb
)
returning alert_id::text as alert_id;

-- name: AlertRoute :one
-- Opens a delivery to every channel for the alerts that have none yet, after a time to gather more of their run.
with taken as (
  select alert_id, kind, created_at
  from alert
  where not is_routed
  order by alert_id
  limit 1000
  for update skip locked
), opened as (
  insert into alert_delivery (alert_id, channel, next_attempt_at)
  select t.alert_id, c.channel,
    case t.kind
      when 'alert.test' then t.created_at
      else t.created_at + @grace_ms::double precision * interval '1 millisecond'
    end
  from taken t
  cross join unnest(@channels::text[]) as c (channel)
  on conflict do nothing
), routed as (
  update alert a
  set is_routed = true
  from taken t
  where a.alert_id = t.alert_id
)
select count(*)::integer as routed from taken;

-- name: AlertDeliverySweep :exec
-- Sends whose sender vanished before it knew the answer: the first is repeated, the second is given up.
update alert_delivery
set state = case when unanswered < @most_unanswered::integer then 'uncertain' else 'failed' end,
  next_attempt_at = case when unanswered < @most_unanswered::integer then now() else 'infinity' end,
  unanswered = unanswered + 1,
  claimed_until = null,
  error = 'The sender ended before the answer came; the message may have arrived.'
where channel = @channel::text
  and state = 'sending'
  and next_attempt_at <= now();

-- name: AlertDeliveryClaim :many
-- Takes what is due longest, and with it whatever else of its run waits for the same channel.
with due as (
  select d.alert_delivery_id, a.dag_id, a.dag_run_id
  from alert_delivery d
  join alert a using (alert_id)
  where d.channel = @channel::text
    and d.state not in ('sent', 'sending')
    and d.next_attempt_at <= now() + @ahead_ms::double precision * interval '1 millisecond'
  order by d.next_attempt_at, d.alert_delivery_id
  limit 1
  for no key update of d skip locked
), taken as (
  select d.alert_delivery_id
  from due
  join alert a on a.dag_id = due.dag_id and a.dag_run_id = due.dag_run_id
  join alert_delivery d on d.alert_id = a.alert_id and d.channel = @channel::text
  where d.state not in ('sent', 'sending')
    and d.next_attempt_at < 'infinity'
  order by d.alert_delivery_id
  limit @most::integer
  for no key update of d skip locked
)
update alert_delivery d
set state = 'sending',
  attempts = d.attempts + 1,
  claimed_until = now() + @lease_ms::double precision * interval '1 millisecond',
  next_attempt_at = now() + @lease_ms::double precision * interval '1 millisecond'
from taken t, alert a
where d.alert_delivery_id = t.alert_delivery_id
  and a.alert_id = d.alert_id
returning d.alert_delivery_id::text as alert_delivery_id, d.attempts, d.unanswered,
  d.claimed_until::text as claim, a.kind, a.payload,
  (extract(epoch from now() - a.created_at) * 1000)::double precision as age_ms,
  (
    select told.message_ref
    from alert earlier
    join alert_delivery told on told.alert_id = earlier.alert_id and told.channel = d.channel
    where earlier.dag_id = a.dag_id
      and earlier.dag_run_id = a.dag_run_id
      and earlier.kind in ('task_instance.failed', 'dag_run.failed')
      and told.state = 'sent'
    order by told.sent_at desc, told.alert_delivery_id desc
    limit 1
  ) as earlier_ref,
  exists (
    select 1
    from alert earlier
    join alert_delivery told on told.alert_id = earlier.alert_id and told.channel = d.channel
    where a.kind = 'dag_run.failed'
      and earlier.kind = 'task_instance.failed'
      and earlier.dag_id = a.dag_id
      and earlier.dag_run_id = a.dag_run_id
      and told.state = 'sent'
      and earlier.alert_id > coalesce((
        select max(ended.alert_id)
        from alert ended
        where ended.kind in ('dag_run.failed', 'dag_run.succeeded')
          and ended.dag_id = a.dag_id
          and ended.dag_run_id = a.dag_run_id
          and ended.alert_id < a.alert_id
      ), 0)
  ) as is_told;

-- name: AlertDeliverySent :exec
-- The channel has taken the message.
update alert_delivery
set state = 'sent', sent_at = now(), message_ref = @message_ref::text, error = null,
  claimed_until = null
where alert_delivery_id = any(@alert_delivery_ids::bigint[])
  and state = 'sending'
  and claimed_until = @claim::timestamptz;

-- name: AlertDeliveryRetry :exec
-- The channel has not taken the message, or perhaps has; look again after a while, or never.
update alert_delivery
set state = @state::text,
  error = @error::text,
  unanswered = unanswered + @unanswered::integer,
  next_attempt_at = coalesce(now() + @delay_ms::double precision * interval '1 millisecond', 'infinity'),
  claimed_until = null
where alert_delivery_id = any(@alert_delivery_ids::bigint[])
  and state = 'sending'
  and claimed_until = @claim::timestamptz;

-- name: AlertStatus :many
-- How many deliveries of each channel are in each state, and what the last trouble was.
select d.channel, d.state, count(*)::integer as deliveries,
  min(d.created_at) as oldest_at, max(d.sent_at) as sent_at,
  (array_agg(d.error order by d.alert_delivery_id desc) filter (where d.error is not null))[1] as error
from alert_delivery d
group by d.channel, d.state
order by d.channel, d.state;
