alter table alert
  add column subject text not null default '',
  drop constraint alert_once,
  add constraint alert_once
    unique (kind, dag_id, dag_run_id, clear_number, task_instance_id, try_number, hand_off, subject);
comment on column alert.subject is 'What an alert that is about no run is about: a gap, a backfill, a process.';
create index alert_failed_of_dag on alert (dag_id, alert_id) where kind = 'dag_run.failed';
create index alert_ended_of_dag on alert (dag_id, alert_id)
  where kind in ('dag_run.recovered', 'dag_run.succeeded');

alter table alert_delivery
  add column topic text not null default '',
  add column fingerprint text not null default '',
  add column is_held boolean not null default false,
  add column delivery_key uuid not null default gen_random_uuid(),
  drop constraint alert_delivery_state_known,
  add constraint alert_delivery_state_known
    check (state in ('pending', 'sending', 'sent', 'uncertain', 'failed', 'muted'));
comment on column alert_delivery.topic is 'Alerts of one topic make one message: the failures of a DAG, the news of a run.';
comment on column alert_delivery.fingerprint is 'What is alike in alerts that say the same again: the task and the error without its numbers.';
comment on column alert_delivery.is_held is 'Whether quiet hours hold it back; all that were held make one digest.';
comment on column alert_delivery.delivery_key is 'The same for every attempt, so that a receiver can tell a repetition.';
drop index alert_delivery_due;
create index alert_delivery_due on alert_delivery (channel, next_attempt_at)
  where state not in ('sent', 'muted');
create index alert_delivery_of_topic on alert_delivery (channel, topic, alert_delivery_id)
  where state not in ('sent', 'muted');
create index alert_delivery_of_message on alert_delivery (channel, message_ref)
  where message_ref is not null;

create table alert_incident (
  channel text not null,
  topic text not null,
  fingerprint text not null,
  message_ref text not null,
  opened_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  told_at timestamptz not null default now(),
  seen integer not null,
  told integer not null,
  primary key (channel, topic, fingerprint),
  constraint alert_incident_told_was_seen check (told <= seen)
);
comment on table alert_incident is 'An error that a channel was told of and that has not been put right: "seen" counts its alerts, "told" those at the last message that rang.';

create table alert_chat (
  chat text primary key,
  sent_at timestamptz[] not null default '{}',
  paused_until timestamptz not null default '-infinity'
);
comment on table alert_chat is 'The messages of the last minute to a chat, over all processes, for the limits of the messenger; "*" stands for all chats.';

create table alert_mute (
  alert_mute_id bigint generated always as identity primary key,
  created_at timestamptz not null default now(),
  muted_until timestamptz not null,
  dag_id text,
  task_id text,
  tag text,
  reason text,
  created_by text not null,
  constraint alert_mute_of_something check (coalesce(dag_id, task_id, tag) is not null),
  constraint alert_mute_forward check (muted_until >= created_at)
);
comment on table alert_mute is 'Alerts that people do not want to be told of for a while; they are recorded as muted.';
create index alert_mute_open on alert_mute (muted_until);

alter table dag_run add column deadline_at timestamptz;
comment on column dag_run.deadline_at is 'When people want to be told that the run has not ended; null once they were.';
create index dag_run_deadline on dag_run (deadline_at)
  where deadline_at is not null and state in ('queued', 'running');
