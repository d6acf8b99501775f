create table alert (
  alert_id bigint generated always as identity primary key,
  dag_run_id bigint not null default 0,
  task_instance_id bigint not null default 0,
  clear_number integer not null default 0,
  try_number integer not null default 0,
  hand_off integer not null default 0,
  is_routed boolean not null default false,
  created_at timestamptz not null default now(),
  kind text not null,
  dag_id text not null,
  payload jsonb not null,
  constraint alert_once
    unique (kind, dag_id, dag_run_id, clear_number, task_instance_id, try_number, hand_off)
);
comment on table alert is 'Something that people want to be told, written by the transaction that made it true.';
create index alert_to_route on alert (alert_id) where not is_routed;

create table alert_delivery (
  alert_delivery_id bigint generated always as identity primary key,
  alert_id bigint not null references alert on delete cascade,
  attempts integer not null default 0,
  unanswered integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  claimed_until timestamptz,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  channel text not null,
  state text not null default 'pending',
  message_ref text,
  error text,
  constraint alert_delivery_once_per_channel unique (alert_id, channel),
  constraint alert_delivery_state_known
    check (state in ('pending', 'sending', 'sent', 'uncertain', 'failed'))
);
comment on table alert_delivery is 'The way of an alert to one channel. "unanswered" counts the sends whose answer never came; "next_attempt_at" is when to look again, infinity for never.';
create index alert_delivery_due on alert_delivery (channel, next_attempt_at)
  where state <> 'sent';

create view alert_log as
select a.created_at, a.kind, a.dag_id, a.payload ->> 'runId' as run_id,
  a.payload ->> 'taskId' as task_id, a.try_number, d.channel, d.state, d.attempts, d.sent_at, d.error
from alert a
left join alert_delivery d using (alert_id);
comment on view alert_log is 'A row for each alert and channel.';
