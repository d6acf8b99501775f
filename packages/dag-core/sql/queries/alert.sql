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

-- name: AlertIsWaiting :one
-- Whether there is an alert that nobody has routed.
select coalesce((select true from alert where not is_routed order by alert_id limit 1), false) as is_waiting;

-- name: AlertToRoute :many
-- Alerts that have no delivery yet, with what routes ask of their DAGs; locked until they are routed.
select a.alert_id::text as alert_id, a.kind, a.dag_id, a.payload, a.created_at, now() as now,
  coalesce(v.manifest -> 'tags', '[]') as tags, v.manifest ->> 'owner' as owner
from alert a
left join dag d using (dag_id)
left join dag_version v on v.dag_version_id = d.dag_version_id
where not a.is_routed
order by a.alert_id
limit 1000
for update of a skip locked;

-- name: AlertRouted :exec
-- Opens the deliveries of alerts and marks them as routed.
with opened as (
  insert into alert_delivery (
    alert_id, channel, topic, fingerprint, state, is_held, next_attempt_at, error)
  select o.alert_id, o.channel, o.topic, o.fingerprint, o.state, o.is_held, o.next_attempt_at, o.error
  from jsonb_to_recordset(@deliveries::jsonb) as o (
    alert_id bigint, channel text, topic text, fingerprint text, state text, is_held boolean,
    next_attempt_at timestamptz, error text)
  order by o.alert_id
  on conflict do nothing
)
update alert
set is_routed = true
where alert_id = any(@alert_ids::bigint[]);

-- name: AlertSenderHasWork :one
-- Whether there is an alert that nobody has routed, or a channel has anything to do now.
select coalesce((select true from alert where not is_routed order by alert_id limit 1), false)
  or exists (
    select
    from alert_delivery
    where channel = @channel::text
      and state not in ('sent', 'muted')
      and next_attempt_at <= now() + @ahead_ms::double precision * interval '1 millisecond'
  ) as has_work;

-- name: AlertDeliveryIsDue :one
-- Whether a channel has anything to do now.
select exists (
  select
  from alert_delivery
  where channel = @channel::text
    and state not in ('sent', 'muted')
    and next_attempt_at <= now() + @ahead_ms::double precision * interval '1 millisecond'
) as is_due;

-- name: AlertDeliverySweep :exec
-- Sends whose sender vanished before it knew the answer: the first is repeated, the second is given up. A request with
-- a key that its receiver knows again is repeated without end.
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
-- Takes what is due longest, and with it whatever else of its topic waits for the same channel. What quiet hours held
-- goes together, and so does what is due when more topics are due than can have a message each.
with due as (
  select d.alert_delivery_id, d.topic, d.is_held
  from alert_delivery d
  where d.channel = @channel::text
    and d.state not in ('sent', 'sending', 'muted')
    and d.next_attempt_at <= now() + @ahead_ms::double precision * interval '1 millisecond'
  order by d.next_attempt_at, d.alert_delivery_id
  limit 1
  for no key update of d skip locked
), crowd as (
  select count(distinct near.topic) > @most_topics::integer as is_large
  from (
    select d.topic
    from alert_delivery d
    where d.channel = @channel::text
      and d.state not in ('sent', 'sending', 'muted')
      and d.next_attempt_at <= now() + @ahead_ms::double precision * interval '1 millisecond'
    order by d.next_attempt_at
    limit 1000
  ) near
), taken as (
  select d.alert_delivery_id
  from due
  cross join crowd
  join alert_delivery d on d.channel = @channel::text
  where d.state not in ('sent', 'sending', 'muted')
    and d.next_attempt_at < 'infinity'
    and case
      when due.is_held or crowd.is_large then
        d.next_attempt_at <= now() + @ahead_ms::double precision * interval '1 millisecond'
          and (d.is_held or crowd.is_large)
      else d.topic = due.topic and not d.is_held
    end
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
returning d.alert_delivery_id::text as alert_delivery_id, d.attempts, d.unanswered, d.topic,
  d.fingerprint, d.is_held, d.delivery_key, d.claimed_until::text as claim, a.kind, a.payload,
  a.task_instance_id::text as task_instance_id, a.created_at,
  (extract(epoch from now() - a.created_at) * 1000)::double precision as age_ms,
  (
    select told.message_ref
    from alert earlier
    join alert_delivery told on told.alert_id = earlier.alert_id and told.channel = d.channel
    where a.kind in ('dag_run.succeeded', 'dag_run.failed', 'dag_run.recovered')
      and earlier.dag_id = a.dag_id
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
      and told.state in ('sent', 'muted')
      and earlier.alert_id > coalesce((
        select max(ended.alert_id)
        from alert ended
        where ended.kind in ('dag_run.failed', 'dag_run.succeeded', 'dag_run.recovered')
          and ended.dag_id = a.dag_id
          and ended.dag_run_id = a.dag_run_id
          and ended.alert_id < a.alert_id
      ), 0)
  ) as is_told;

-- name: AlertIncidents :many
-- What a channel was told of some topics and is not put right: the newest message of each error.
select i.topic, i.fingerprint, i.message_ref, i.seen, i.told,
  (extract(epoch from now() - i.seen_at) * 1000)::double precision as quiet_ms,
  (extract(epoch from now() - i.told_at) * 1000)::double precision as told_ms
from alert_incident i
where i.channel = @channel::text
  and i.topic = any(@topics::text[])
order by i.seen_at desc, i.fingerprint;

-- name: AlertMessageSummary :many
-- What a message has told and is about to tell: how often each thing happened, with one example, most often first.
select a.kind, count(*)::integer as alerts,
  (array_agg(a.payload order by a.alert_id desc))[1] as payload
from alert_delivery d
join alert a using (alert_id)
where d.alert_delivery_id = any(@alert_delivery_ids::bigint[])
  or (d.channel = @channel::text and d.message_ref = @message_ref::text)
group by a.kind, d.topic, d.fingerprint, a.dag_id, a.payload ->> 'taskId'
order by alerts desc, max(a.alert_id) desc
limit 30;

-- name: AlertMessageCounts :one
-- How much a message has told of and is about to tell of.
select count(*) filter (where a.kind = 'task_instance.failed')::integer as failures,
  count(distinct (a.dag_id, a.dag_run_id)) filter (where a.dag_run_id > 0)::integer as runs,
  count(distinct a.dag_id)::integer as dags,
  count(*)::integer as alerts
from alert_delivery d
join alert a using (alert_id)
where d.alert_delivery_id = any(@alert_delivery_ids::bigint[])
  or (d.channel = @channel::text and d.message_ref = @message_ref::text);

-- name: AlertLogTail :many
-- The last log lines of a try.
select t.level, t.message
from (
  select l.task_log_id, l.level, l.message
  from task_log l
  where l.task_instance_id = @task_instance_id::bigint
    and l.try_number = @try_number::integer
  order by l.task_log_id desc
  limit @lines::integer
) t
order by t.task_log_id;

-- name: AlertDeliverySent :exec
-- The channel has taken the message. What it told of failures is remembered until it is put right.
with sent as (
  update alert_delivery
  set state = 'sent', sent_at = now(), message_ref = @message_ref::text, error = null,
    claimed_until = null
  where alert_delivery_id = any(@alert_delivery_ids::bigint[])
    and state = 'sending'
    and claimed_until = @claim::timestamptz
  returning alert_delivery_id, channel, topic, fingerprint
), remembered as (
  insert into alert_incident as i (channel, topic, fingerprint, message_ref, seen, told)
  select s.channel, s.topic, s.fingerprint, @message_ref::text, count(*), count(*)
  from sent s
  where s.fingerprint <> '' and @message_ref::text is not null
  group by s.channel, s.topic, s.fingerprint
  order by s.channel, s.topic, s.fingerprint
  on conflict (channel, topic, fingerprint) do update
    set seen = i.seen + excluded.seen,
      seen_at = now(),
      told = case when @rings::boolean then i.seen + excluded.seen else i.told end,
      told_at = case when @rings::boolean then now() else i.told_at end,
      message_ref = excluded.message_ref
), closed as (
  delete from alert_incident i
  using unnest(@closed_topics::text[]) as c (topic)
  where i.channel = @channel::text
    and i.topic = c.topic
)
select from sent;

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

-- name: AlertDeliveryFlush :exec
-- Makes what waits due now: what a channel refused, what quiet hours hold, what waits for its next attempt.
update alert_delivery
set next_attempt_at = now(), is_held = false,
  state = case state when 'failed' then 'pending' else state end
where state in ('pending', 'failed', 'uncertain')
  and (@channel::text is null or channel = @channel::text);

-- name: AlertChatAdd :exec
-- The rows under whose locks the messages to a chat are counted.
insert into alert_chat (chat)
values ('*'), (@chat::text)
on conflict do nothing;

-- name: AlertChatLock :many
-- The last messages to a chat and to all chats, in milliseconds before now; locked, so that one process counts at a time.
select c.chat,
  array(
    select (extract(epoch from clock_timestamp() - s) * 1000)::double precision
    from unnest(c.sent_at) as s
  ) as ages_ms,
  greatest(0, least(86400000, extract(epoch from c.paused_until - clock_timestamp()) * 1000))
    ::double precision as pause_ms
from alert_chat c
where c.chat in ('*', @chat::text)
order by c.chat
for update;

-- name: AlertChatSent :exec
-- Counts a message; what is older than the longest limit is forgotten.
update alert_chat c
set sent_at = array(
    select s
    from unnest(c.sent_at || clock_timestamp()) as s
    where s > clock_timestamp() - @window_ms::double precision * interval '1 millisecond'
    order by s
  )
where c.chat in ('*', @chat::text);

-- name: AlertChatPause :exec
-- The messenger wants no message to a chat for a while, from no process.
insert into alert_chat (chat, paused_until)
values (@chat::text, now() + @pause_ms::double precision * interval '1 millisecond')
on conflict (chat) do update
  set paused_until = greatest(alert_chat.paused_until, excluded.paused_until);

-- name: AlertMuteCreate :one
-- Alerts of a DAG, a task or a tag are recorded as muted for a while.
insert into alert_mute (muted_until, dag_id, task_id, tag, reason, created_by)
values (now() + @for_ms::double precision * interval '1 millisecond', @dag_id::text, @task_id::text,
  @tag::text, @reason::text, @created_by::text)
returning alert_mute_id::text as alert_mute_id, created_at, muted_until, dag_id, task_id, tag, reason,
  created_by;

-- name: AlertMuteEnd :many
-- Ends mutes: one by its id, those of a DAG, task or tag, or all.
update alert_mute
set muted_until = now()
where muted_until > now()
  and (@alert_mute_id::bigint is null or alert_mute_id = @alert_mute_id::bigint)
  and (@dag_id::text is null or dag_id = @dag_id::text)
  and (@task_id::text is null or task_id = @task_id::text)
  and (@tag::text is null or tag = @tag::text)
returning alert_mute_id::text as alert_mute_id, created_at, muted_until, dag_id, task_id, tag, reason,
  created_by;

-- name: AlertMutes :many
-- The mutes in force; one that lasts longer than dates can be written ends with the year 9999.
select alert_mute_id::text as alert_mute_id, created_at,
  least(muted_until, timestamptz '9999-12-31 00:00:00Z') as muted_until, dag_id, task_id, tag, reason,
  created_by
from alert_mute
where muted_until > now()
order by muted_until, alert_mute_id;

-- name: AlertLateRuns :exec
-- Raises an alert for each run that has not ended at its deadline, once.
with late as (
  update dag_run r
  set deadline_at = null
  where r.dag_run_id in (
    select l.dag_run_id
    from dag_run l
    where l.deadline_at <= now() and l.state in ('queued', 'running')
    order by l.deadline_at
    limit 1000
    for no key update skip locked
  )
  returning r.dag_run_id, r.dag_id, r.run_id, r.state, r.run_after, r.data_interval_start,
    r.data_interval_end, r.clear_number, r.dag_version_id, r.started_at
)
insert into alert (kind, dag_id, dag_run_id, clear_number, payload)
select 'dag_run.late', l.dag_id, l.dag_run_id, l.clear_number, jsonb_build_object(
    'dagId', l.dag_id, 'runId', l.run_id, 'reason', l.state,
    'dataInterval', jsonb_build_object('start', l.data_interval_start, 'end', l.data_interval_end),
    'startedAt', l.started_at,
    'durationMs', (extract(epoch from now() - l.run_after) * 1000)::bigint,
    'timezone', v.manifest ->> 'timezone')
from late l
join dag_version v using (dag_version_id)
on conflict do nothing;

-- name: AlertSchedulerLag :exec
-- Raises an alert when a run that is due was not created for longer than a limit; once an hour.
insert into alert (kind, dag_id, subject, payload)
select 'scheduler.lagging', '', date_trunc('hour', now())::text, jsonb_build_object(
    'dagId', '', 'runId', '', 'reason', 'scheduler_lag', 'timezone', 'UTC',
    'durationMs', (extract(epoch from now() - d.due_at) * 1000)::bigint)
from (
  select min(next_run_after) as due_at
  from dag
  where not is_paused and is_present and next_run_after is not null
) d
where d.due_at < now() - @limit_ms::double precision * interval '1 millisecond'
on conflict do nothing;

-- name: AlertLostProcesses :exec
-- Raises an alert for each scheduler or worker that is silent for longer than a lease, or was declared lost.
insert into alert (kind, dag_id, subject, payload)
select 'process.lost', '', p.process_id::text, jsonb_build_object(
    'dagId', '', 'runId', '', 'reason', p.kind, 'timezone', 'UTC',
    'about', p.kind || ' ' || p.process_id || ' on ' || p.host)
from process p
where (p.state = 'alive' and p.heartbeat_at < now() - @lease_ms::double precision * interval '1 millisecond')
  or (p.state = 'lost' and p.ended_at > now() - interval '1 hour')
on conflict do nothing;

-- name: AlertTaskFailed :exec
-- Raises the alerts of tasks that failed otherwise than by the rules, as by a person's mark.
insert into alert (
  kind, dag_id, dag_run_id, clear_number, task_instance_id, try_number, hand_off, payload)
select 'task_instance.failed', r.dag_id, r.dag_run_id, i.clear_number, i.task_instance_id, i.try_number,
  i.hand_off, jsonb_build_object(
    'dagId', r.dag_id, 'runId', r.run_id, 'taskId', i.task_id, 'mapIndex', i.map_index,
    'tryNumber', i.try_number, 'maxTries', i.max_tries + 1, 'reason', i.reason,
    'dataInterval', jsonb_build_object('start', r.data_interval_start, 'end', r.data_interval_end),
    'startedAt', i.started_at, 'endedAt', i.ended_at, 'timezone', v.manifest ->> 'timezone')
from task_instance i
join dag_run r using (dag_run_id)
join dag_version v using (dag_version_id)
where i.task_instance_id = any(@task_instance_ids::bigint[])
  and i.state = 'failed'
  and (v.manifest -> 'alerts' ->> 'onFailure')::boolean
on conflict do nothing;

-- name: AlertRaise :exec
-- An alert about something that is no run, in the transaction that made it true.
insert into alert (kind, dag_id, subject, payload)
values (@kind::text, @dag_id::text, @subject::text, @payload::jsonb)
on conflict do nothing;

-- name: AlertIncidentForget :exec
-- Forgets the errors that nothing was heard of for a month, and the chats.
with forgotten as (
  delete from alert_incident where seen_at < now() - interval '31 days'
)
delete from alert_mute where muted_until < now() - interval '31 days';

-- name: AlertStatus :many
-- How many deliveries of each channel are in each state, and what the last trouble was.
select d.channel, d.state, count(*)::integer as deliveries,
  min(d.created_at) as oldest_at, max(d.sent_at) as sent_at,
  (array_agg(d.error order by d.alert_delivery_id desc) filter (where d.error is not null))[1] as error
from alert_delivery d
group by d.channel, d.state
order by d.channel, d.state;

-- name: AlertTroubles :many
-- Channels that did not take an alert of the last day, or that have one waiting for minutes, with the last trouble.
select d.channel, count(*)::integer as deliveries,
  (array_agg(d.error order by d.alert_delivery_id desc) filter (where d.error is not null))[1] as error
from alert_delivery d
where d.state not in ('sent', 'muted')
  and d.created_at > now() - interval '1 day'
  and (d.state = 'failed' or d.attempts > 0 and d.error is not null
    or d.next_attempt_at < now() - interval '5 minutes')
group by d.channel
order by d.channel;
