-- The engine's schema, for reading and for review: what the migrations of sql/migrations amount to.
-- Written by "npm run schema:dump"; a test compares it with a database that was just migrated.

create table alert (
  alert_id bigint generated always as identity not null,
  dag_run_id bigint default 0 not null,
  task_instance_id bigint default 0 not null,
  clear_number integer default 0 not null,
  try_number integer default 0 not null,
  hand_off integer default 0 not null,
  is_routed boolean default false not null,
  created_at timestamp with time zone default now() not null,
  kind text not null,
  dag_id text not null,
  payload jsonb not null,
  subject text default ''::text not null,
  constraint alert_once UNIQUE (kind, dag_id, dag_run_id, clear_number, task_instance_id, try_number, hand_off, subject),
  constraint alert_pkey PRIMARY KEY (alert_id)
);

comment on table alert is 'Something that people want to be told, written by the transaction that made it true.';

CREATE INDEX alert_ended_of_dag ON alert USING btree (dag_id, alert_id) WHERE kind = ANY (ARRAY['dag_run.recovered'::text, 'dag_run.succeeded'::text]);

CREATE INDEX alert_failed_of_dag ON alert USING btree (dag_id, alert_id) WHERE kind = 'dag_run.failed'::text;

CREATE INDEX alert_of_run ON alert USING btree (dag_id, dag_run_id);

CREATE INDEX alert_to_route ON alert USING btree (alert_id) WHERE NOT is_routed;

create table alert_chat (
  chat text not null,
  sent_at timestamp with time zone[] default '{}'::timestamp with time zone[] not null,
  paused_until timestamp with time zone default '-infinity'::timestamp with time zone not null,
  constraint alert_chat_pkey PRIMARY KEY (chat)
);

comment on table alert_chat is 'The messages of the last minute to a chat, over all processes, for the limits of the messenger; "*" stands for all chats.';

create table alert_delivery (
  alert_delivery_id bigint generated always as identity not null,
  alert_id bigint not null,
  attempts integer default 0 not null,
  unanswered integer default 0 not null,
  next_attempt_at timestamp with time zone default now() not null,
  claimed_until timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  sent_at timestamp with time zone,
  channel text not null,
  state text default 'pending'::text not null,
  message_ref text,
  error text,
  topic text default ''::text not null,
  fingerprint text default ''::text not null,
  is_held boolean default false not null,
  delivery_key uuid default gen_random_uuid() not null,
  constraint alert_delivery_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES alert(alert_id) ON DELETE CASCADE,
  constraint alert_delivery_once_per_channel UNIQUE (alert_id, channel),
  constraint alert_delivery_pkey PRIMARY KEY (alert_delivery_id),
  constraint alert_delivery_state_known CHECK (state = ANY (ARRAY['pending'::text, 'sending'::text, 'sent'::text, 'uncertain'::text, 'failed'::text, 'muted'::text]))
);

comment on table alert_delivery is 'The way of an alert to one channel. "unanswered" counts the sends whose answer never came; "next_attempt_at" is when to look again, infinity for never.';

CREATE INDEX alert_delivery_due ON alert_delivery USING btree (channel, next_attempt_at) WHERE state <> ALL (ARRAY['sent'::text, 'muted'::text]);

CREATE INDEX alert_delivery_of_message ON alert_delivery USING btree (channel, message_ref) WHERE message_ref IS NOT NULL;

CREATE INDEX alert_delivery_of_topic ON alert_delivery USING btree (channel, topic, alert_delivery_id) WHERE state <> ALL (ARRAY['sent'::text, 'muted'::text]);

create table alert_incident (
  channel text not null,
  topic text not null,
  fingerprint text not null,
  message_ref text not null,
  opened_at timestamp with time zone default now() not null,
  seen_at timestamp with time zone default now() not null,
  told_at timestamp with time zone default now() not null,
  seen integer not null,
  told integer not null,
  constraint alert_incident_pkey PRIMARY KEY (channel, topic, fingerprint),
  constraint alert_incident_told_was_seen CHECK (told <= seen)
);

comment on table alert_incident is 'An error that a channel was told of and that has not been put right: "seen" counts its alerts, "told" those at the last message that rang.';

create table alert_mute (
  alert_mute_id bigint generated always as identity not null,
  created_at timestamp with time zone default now() not null,
  muted_until timestamp with time zone not null,
  dag_id text,
  task_id text,
  tag text,
  reason text,
  created_by text not null,
  constraint alert_mute_forward CHECK (muted_until >= created_at),
  constraint alert_mute_of_something CHECK (COALESCE(dag_id, task_id, tag) IS NOT NULL),
  constraint alert_mute_pkey PRIMARY KEY (alert_mute_id)
);

comment on table alert_mute is 'Alerts that people do not want to be told of for a while; they are recorded as muted.';

CREATE INDEX alert_mute_open ON alert_mute USING btree (muted_until);

create table asset_consumer (
  asset text not null,
  dag_id text not null,
  needs_all boolean not null,
  constraint asset_consumer_dag_id_fkey FOREIGN KEY (dag_id) REFERENCES dag(dag_id),
  constraint asset_consumer_pkey PRIMARY KEY (asset, dag_id)
);

comment on table asset_consumer is 'An asset in the schedule of a DAG, and whether the DAG waits for all of its assets or for any.';

CREATE INDEX asset_consumer_of_dag ON asset_consumer USING btree (dag_id);

create table asset_event (
  asset_event_id bigint generated always as identity not null,
  updated_at timestamp with time zone default clock_timestamp() not null,
  dag_run_id bigint,
  data_interval_start timestamp with time zone,
  data_interval_end timestamp with time zone,
  asset text not null,
  dag_id text,
  run_id text,
  task_id text,
  updated_by text not null,
  payload jsonb,
  constraint asset_event_dag_run_id_fkey FOREIGN KEY (dag_run_id) REFERENCES dag_run(dag_run_id) ON DELETE SET NULL,
  constraint asset_event_pkey PRIMARY KEY (asset_event_id)
);

comment on table asset_event is 'An update of an asset, by a task or from outside; stored by the transaction that makes it true.';

CREATE INDEX asset_event_of_run ON asset_event USING btree (dag_run_id) WHERE dag_run_id IS NOT NULL;

CREATE INDEX asset_event_recent ON asset_event USING btree (asset, asset_event_id DESC);

create table asset_pending (
  dag_id text not null,
  asset text not null,
  asset_event_id bigint not null,
  constraint asset_pending_asset_event_id_fkey FOREIGN KEY (asset_event_id) REFERENCES asset_event(asset_event_id) ON DELETE CASCADE,
  constraint asset_pending_pkey PRIMARY KEY (dag_id, asset, asset_event_id)
);

comment on table asset_pending is 'An update that no run of a consuming DAG has taken yet.';

CREATE INDEX asset_pending_of_event ON asset_pending USING btree (asset_event_id);

create table backfill (
  backfill_id bigint generated always as identity not null,
  dag_id text not null,
  from_date timestamp with time zone not null,
  to_date timestamp with time zone not null,
  reprocess text not null,
  run_backwards boolean not null,
  max_active_runs integer not null,
  params jsonb not null,
  plan_hash text not null,
  state text default 'running'::text not null,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  ended_at timestamp with time zone,
  batch_size integer default 1 not null,
  constraint backfill_batch_size_positive CHECK (batch_size > 0),
  constraint backfill_dag_id_fkey FOREIGN KEY (dag_id) REFERENCES dag(dag_id),
  constraint backfill_ended_iff_final CHECK ((ended_at IS NOT NULL) = (state = ANY (ARRAY['success'::text, 'failed'::text, 'cancelled'::text]))),
  constraint backfill_max_active_runs_positive CHECK (max_active_runs > 0),
  constraint backfill_pkey PRIMARY KEY (backfill_id),
  constraint backfill_range_forward CHECK (to_date >= from_date),
  constraint backfill_reprocess_known CHECK (reprocess = ANY (ARRAY['none'::text, 'failed'::text, 'completed'::text])),
  constraint backfill_state_known CHECK (state = ANY (ARRAY['creating'::text, 'running'::text, 'paused'::text, 'cancelling'::text, 'success'::text, 'failed'::text, 'cancelled'::text]))
);

comment on table backfill is 'A request for the runs of past intervals.';

CREATE INDEX backfill_active ON backfill USING btree (dag_id) WHERE ended_at IS NULL;

create table backfill_run (
  backfill_id bigint not null,
  ordinal integer not null,
  interval_start timestamp with time zone not null,
  interval_end timestamp with time zone not null,
  action text not null,
  reason text not null,
  dag_run_id bigint,
  constraint backfill_run_action_known CHECK (action = ANY (ARRAY['create'::text, 'clear'::text, 'skip'::text])),
  constraint backfill_run_backfill_id_fkey FOREIGN KEY (backfill_id) REFERENCES backfill(backfill_id) ON DELETE CASCADE,
  constraint backfill_run_pkey PRIMARY KEY (backfill_id, ordinal)
);

comment on table backfill_run is 'An interval of a backfill, with what was decided for it and why.';

create table dag (
  dag_id text not null,
  dag_version_id bigint not null,
  file text not null,
  is_paused boolean default false not null,
  is_present boolean default true not null,
  last_interval_start timestamp with time zone,
  last_interval_end timestamp with time zone,
  next_run_after timestamp with time zone,
  loaded_at timestamp with time zone default now() not null,
  constraint dag_dag_version_id_fkey FOREIGN KEY (dag_version_id) REFERENCES dag_version(dag_version_id),
  constraint dag_id_form CHECK (length(dag_id) >= 1 AND length(dag_id) <= 200 AND dag_id !~ '[^A-Za-z0-9_.~:+-]'::text AND POSITION(('..'::text) IN (dag_id)) = 0),
  constraint dag_last_interval_whole CHECK ((last_interval_start IS NULL) = (last_interval_end IS NULL)),
  constraint dag_pkey PRIMARY KEY (dag_id)
) with (fillfactor=80);

comment on table dag is 'A DAG as operators see it: its present version, whether it is paused, and when its next run is due.';

CREATE INDEX dag_due ON dag USING btree (next_run_after) WHERE NOT is_paused AND is_present AND next_run_after IS NOT NULL;

create table dag_run (
  dag_run_id bigint generated always as identity not null,
  dag_version_id bigint not null,
  backfill_id bigint,
  changed bigint default 0 not null,
  decided bigint default 0 not null,
  run_after timestamp with time zone not null,
  logical_date timestamp with time zone,
  data_interval_start timestamp with time zone not null,
  data_interval_end timestamp with time zone not null,
  queued_at timestamp with time zone default now() not null,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  times_out_at timestamp with time zone,
  clear_number integer default 0 not null,
  backfill_ordinal integer,
  needs_decision boolean default false not null,
  dag_id text not null,
  run_id text not null,
  run_type text not null,
  state text default 'queued'::text not null,
  reason text,
  triggered_by text not null,
  params jsonb default '{}'::jsonb not null,
  verdict text,
  verdict_reason text,
  waits_for_past boolean default false not null,
  is_awaited boolean default false not null,
  created_at timestamp with time zone default now() not null,
  interval_bounds timestamp with time zone[],
  deadline_at timestamp with time zone,
  slot_number bigint default 0 not null,
  constraint dag_run_backfill_id_fkey FOREIGN KEY (backfill_id) REFERENCES backfill(backfill_id),
  constraint dag_run_ended_iff_final CHECK ((ended_at IS NOT NULL) = (state = ANY (ARRAY['success'::text, 'failed'::text, 'cancelled'::text]))),
  constraint dag_run_id_form CHECK (length(run_id) >= 1 AND length(run_id) <= 200 AND run_id !~ '[^A-Za-z0-9_.~:+-]'::text AND POSITION(('..'::text) IN (run_id)) = 0),
  constraint dag_run_id_once_per_dag UNIQUE (dag_id, run_id),
  constraint dag_run_interval_bounds_of_several CHECK (cardinality(interval_bounds) > 2),
  constraint dag_run_interval_forward CHECK (data_interval_end >= data_interval_start),
  constraint dag_run_pkey PRIMARY KEY (dag_run_id),
  constraint dag_run_started_once_running CHECK (state <> 'running'::text OR started_at IS NOT NULL),
  constraint dag_run_state_known CHECK (state = ANY (ARRAY['queued'::text, 'running'::text, 'success'::text, 'failed'::text, 'cancelled'::text])),
  constraint dag_run_type_known CHECK (run_type = ANY (ARRAY['scheduled'::text, 'manual'::text, 'backfill'::text, 'asset_triggered'::text])),
  constraint dag_run_verdict_before_end CHECK (verdict IS NULL OR ended_at IS NULL),
  constraint dag_run_verdict_known CHECK (verdict = ANY (ARRAY['failed'::text, 'cancelled'::text])),
  constraint dag_run_waits_for_past_queued CHECK (NOT waits_for_past OR state = 'queued'::text)
) with (fillfactor=80, autovacuum_vacuum_scale_factor=0.02);

comment on table dag_run is 'A run of a DAG. "changed" grows with every change of the run or its task instances, so that a copy in memory can be recognised as current.';

CREATE INDEX dag_run_deadline ON dag_run USING btree (deadline_at) WHERE deadline_at IS NOT NULL AND (state = ANY (ARRAY['queued'::text, 'running'::text]));

CREATE INDEX dag_run_history ON dag_run USING btree (dag_id, run_after, dag_run_id);

CREATE INDEX dag_run_of_backfill ON dag_run USING btree (backfill_id, state, ended_at) WHERE backfill_id IS NOT NULL;

CREATE INDEX dag_run_past ON dag_run USING btree (dag_id, logical_date) WHERE logical_date IS NOT NULL;

CREATE INDEX dag_run_running ON dag_run USING btree (dag_id, COALESCE(backfill_id, 0::bigint), slot_number) WHERE state = 'running'::text;

CREATE INDEX dag_run_startable ON dag_run USING btree (dag_id, COALESCE(backfill_id, 0::bigint), COALESCE(backfill_ordinal, 0), run_after, dag_run_id) WHERE state = 'queued'::text AND NOT waits_for_past;

CREATE INDEX dag_run_timeout ON dag_run USING btree (times_out_at) WHERE times_out_at IS NOT NULL AND state = 'running'::text;

CREATE INDEX dag_run_to_decide ON dag_run USING btree (dag_run_id) WHERE needs_decision;

CREATE INDEX dag_run_waiting ON dag_run USING btree (dag_id, COALESCE(backfill_id, 0::bigint)) WHERE waits_for_past;

create table dag_run_asset_event (
  dag_run_id bigint not null,
  asset_event_id bigint not null,
  constraint dag_run_asset_event_asset_event_id_fkey FOREIGN KEY (asset_event_id) REFERENCES asset_event(asset_event_id) ON DELETE CASCADE,
  constraint dag_run_asset_event_dag_run_id_fkey FOREIGN KEY (dag_run_id) REFERENCES dag_run(dag_run_id) ON DELETE CASCADE,
  constraint dag_run_asset_event_pkey PRIMARY KEY (dag_run_id, asset_event_id)
);

comment on table dag_run_asset_event is 'An update that a run was made for.';

CREATE INDEX dag_run_asset_event_of_event ON dag_run_asset_event USING btree (asset_event_id);

create table dag_run_interval (
  dag_id text not null,
  interval_start timestamp with time zone not null,
  interval_end timestamp with time zone not null,
  dag_run_id bigint not null,
  constraint dag_run_interval_dag_run_id_fkey FOREIGN KEY (dag_run_id) REFERENCES dag_run(dag_run_id) ON DELETE CASCADE,
  constraint dag_run_interval_forward CHECK (interval_end >= interval_start),
  constraint dag_run_interval_pkey PRIMARY KEY (dag_id, interval_start)
);

comment on table dag_run_interval is 'An interval that a run covers. A cancelled run releases its rows. Overlap is refused under the lock of the dag row.';

CREATE INDEX dag_run_interval_of_run ON dag_run_interval USING btree (dag_run_id);

create table dag_version (
  dag_version_id bigint generated always as identity not null,
  dag_id text not null,
  manifest_hash text not null,
  manifest jsonb not null,
  source_revision text,
  created_at timestamp with time zone default now() not null,
  constraint dag_version_once_per_hash UNIQUE (dag_id, manifest_hash),
  constraint dag_version_pkey PRIMARY KEY (dag_version_id)
);

comment on table dag_version is 'One manifest of a DAG by content hash; written only when the hash is new.';

create table event (
  event_id bigint generated always as identity not null,
  at timestamp with time zone default now() not null,
  dag_run_id bigint,
  task_instance_id bigint,
  dag_id text,
  name text not null,
  actor text not null,
  details jsonb default '{}'::jsonb not null,
  constraint event_pkey PRIMARY KEY (event_id, at)
) partition by RANGE (at);

comment on table event is 'What happened and who did it, by month; for people and audit.';

CREATE INDEX event_scheduler_failure ON ONLY event USING btree (at) WHERE name = 'scheduler.tick_failed'::text;

create table event_other partition of event DEFAULT;

create table import_error (
  file text not null,
  message text not null,
  noticed_at timestamp with time zone default now() not null,
  constraint import_error_pkey PRIMARY KEY (file)
);

comment on table import_error is 'A DAG file that could not be imported; gone once it can be.';

create table installation (
  is_only boolean default true not null,
  installation_id uuid default gen_random_uuid() not null,
  created_at timestamp with time zone default now() not null,
  constraint installation_only_one CHECK (is_only),
  constraint installation_pkey PRIMARY KEY (is_only)
);

comment on table installation is 'The identity of this installation; part of the key of what its tasks write once.';

create table "limit" (
  kind text not null,
  name text not null,
  capacity integer not null,
  constraint limit_kind_known CHECK (kind = ANY (ARRAY['pool'::text, 'dag_runs'::text, 'backfill_runs'::text, 'dag_tasks'::text, 'task'::text, 'key'::text, 'installation'::text])),
  constraint limit_pkey PRIMARY KEY (kind, name)
);

comment on table "limit" is 'One row for each thing that is counted across runs; locked to count.';

create table limit_holder (
  kind text not null,
  name text not null,
  task_instance_id bigint not null,
  slots integer not null,
  is_backfill boolean default false not null,
  constraint limit_holder_pkey PRIMARY KEY (kind, name, task_instance_id),
  constraint limit_holder_slots_positive CHECK (slots > 0)
);

comment on table limit_holder is 'A limited thing that a live task instance takes; counted together with the state of its task instance, so it cannot leak.';

CREATE INDEX limit_holder_of_instance ON limit_holder USING btree (task_instance_id);

create table migration (
  number integer not null,
  name text not null,
  is_breaking boolean not null,
  applied_at timestamp with time zone default now() not null,
  constraint migration_pkey PRIMARY KEY (number)
);

create table named_event (
  named_event_id bigint generated always as identity not null,
  sent_at timestamp with time zone default clock_timestamp() not null,
  expires_at timestamp with time zone not null,
  name text not null,
  event_key text,
  sent_by text not null,
  payload jsonb,
  constraint named_event_kept_for_a_time CHECK (expires_at > sent_at),
  constraint named_event_once_per_key UNIQUE (name, event_key),
  constraint named_event_pkey PRIMARY KEY (named_event_id)
);

comment on table named_event is 'An event that tasks may wait for, kept until it expires so that a wait that begins later sees it.';

CREATE INDEX named_event_expiry ON named_event USING btree (expires_at);

CREATE INDEX named_event_sent ON named_event USING btree (name, named_event_id);

create table past_wait (
  dag_run_id bigint not null,
  past_dag_run_id bigint,
  past_changed bigint not null,
  logical_date timestamp with time zone not null,
  past_date timestamp with time zone not null,
  is_settled boolean default false not null,
  is_due boolean default false not null,
  dag_id text not null,
  task_ids text[] not null,
  constraint past_wait_dag_run_id_fkey FOREIGN KEY (dag_run_id) REFERENCES dag_run(dag_run_id) ON DELETE CASCADE,
  constraint past_wait_looks_back CHECK (past_date < logical_date),
  constraint past_wait_past_dag_run_id_fkey FOREIGN KEY (past_dag_run_id) REFERENCES dag_run(dag_run_id) ON DELETE SET NULL,
  constraint past_wait_pkey PRIMARY KEY (dag_run_id)
);

comment on table past_wait is 'A run with tasks that wait for the previous run. It is settled once the previous run is known to tell of every change; due once one of the tasks may have passed.';

CREATE INDEX past_wait_of_dag ON past_wait USING btree (dag_id, logical_date);

CREATE INDEX past_wait_of_past ON past_wait USING btree (past_dag_run_id) WHERE past_dag_run_id IS NOT NULL;

CREATE INDEX past_wait_open ON past_wait USING btree (dag_run_id) WHERE is_due OR NOT is_settled OR past_dag_run_id IS NULL;

create table pool (
  pool text not null,
  slots integer not null,
  description text default ''::text not null,
  constraint pool_pkey PRIMARY KEY (pool),
  constraint pool_slots_known CHECK (slots >= '-1'::integer)
);

comment on table pool is 'A named cap over all DAGs; -1 slots is no cap.';

create table process (
  process_id bigint generated always as identity not null,
  kind text not null,
  host text not null,
  pid integer not null,
  version text not null,
  capacity integer not null,
  state text default 'alive'::text not null,
  started_at timestamp with time zone default now() not null,
  heartbeat_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  constraint process_ended_iff_not_alive CHECK ((ended_at IS NOT NULL) = (state <> 'alive'::text)),
  constraint process_kind_known CHECK (kind = ANY (ARRAY['scheduler'::text, 'worker'::text])),
  constraint process_pkey PRIMARY KEY (process_id),
  constraint process_state_known CHECK (state = ANY (ARRAY['alive'::text, 'lost'::text, 'ended'::text]))
) with (fillfactor=50);

comment on table process is 'A scheduler or worker. The leases of its attempts live as long as its heartbeat.';

CREATE INDEX process_alive ON process USING btree (process_id) WHERE state = 'alive'::text;

create table request (
  request_id bigint generated always as identity not null,
  requested_at timestamp with time zone default clock_timestamp() not null,
  verb text not null,
  dag_id text not null,
  run_id text,
  actor text not null,
  why text,
  options jsonb default '{}'::jsonb not null,
  constraint request_pkey PRIMARY KEY (request_id),
  constraint request_run_named CHECK ((run_id IS NOT NULL) = (verb = ANY (ARRAY['trigger'::text, 'cancel'::text, 'clear'::text]))),
  constraint request_verb_known CHECK (verb = ANY (ARRAY['trigger'::text, 'cancel'::text, 'clear'::text, 'pause'::text, 'unpause'::text, 'pause_failing'::text]))
);

comment on table request is 'What somebody asked for in SQL, until a scheduler has done it; its outcome is in "event".';

CREATE INDEX request_of_dag ON request USING btree (dag_id, request_id);

CREATE INDEX request_to_pause ON request USING btree (dag_id) WHERE verb = ANY (ARRAY['pause'::text, 'pause_failing'::text]);

CREATE UNIQUE INDEX request_trigger_once ON request USING btree (dag_id, run_id) WHERE verb = 'trigger'::text;

create table schedule_gap (
  dag_id text not null,
  gap_start timestamp with time zone not null,
  gap_end timestamp with time zone not null,
  intervals integer not null,
  noticed_at timestamp with time zone default now() not null,
  constraint schedule_gap_dag_id_fkey FOREIGN KEY (dag_id) REFERENCES dag(dag_id) ON DELETE CASCADE,
  constraint schedule_gap_forward CHECK (gap_end >= gap_start),
  constraint schedule_gap_not_empty CHECK (intervals > 0),
  constraint schedule_gap_pkey PRIMARY KEY (dag_id, gap_start)
);

comment on table schedule_gap is 'A span of intervals that the schedule passed over, because catchup was not "all".';

create table task_instance (
  task_instance_id bigint generated always as identity not null,
  dag_run_id bigint not null,
  process_id bigint,
  lease_token uuid,
  ready_at timestamp with time zone,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  wake_at timestamp with time zone,
  first_poke_at timestamp with time zone,
  map_index integer default '-1'::integer not null,
  try_number integer default 0 not null,
  max_tries integer default 0 not null,
  cleared_at_try integer default 0 not null,
  clear_number integer default 0 not null,
  hand_off integer default 0 not null,
  infra_retries integer default 0 not null,
  list_length integer,
  runs_alone boolean default false not null,
  task_id text not null,
  state text default 'none'::text not null,
  reason text,
  choices text[],
  wake_key text,
  woken_by bigint,
  constraint task_instance_leased_iff_running CHECK ((lease_token IS NOT NULL) = (state = 'running'::text)),
  constraint task_instance_once_per_run UNIQUE (dag_run_id, task_id, map_index),
  constraint task_instance_pkey PRIMARY KEY (task_instance_id),
  constraint task_instance_state_known CHECK (state = ANY (ARRAY['none'::text, 'scheduled'::text, 'queued'::text, 'running'::text, 'up_for_retry'::text, 'up_for_reschedule'::text, 'deferred'::text, 'success'::text, 'failed'::text, 'upstream_failed'::text, 'skipped'::text, 'removed'::text, 'cancelled'::text])),
  constraint task_instance_wakes_iff_waiting CHECK (
CASE
    WHEN state = 'deferred'::text THEN wake_key IS NOT NULL
    ELSE (wake_at IS NOT NULL) = (state = ANY (ARRAY['up_for_retry'::text, 'up_for_reschedule'::text]))
END)
) with (fillfactor=70, autovacuum_vacuum_scale_factor=0.02);

comment on table task_instance is 'A task (and map index) in a run: its present state.';

CREATE INDEX task_instance_wake ON task_instance USING btree (wake_at) WHERE wake_at IS NOT NULL;

CREATE INDEX task_instance_wake_key ON task_instance USING btree (wake_key, dag_run_id) WHERE wake_key IS NOT NULL;

create table task_log (
  task_log_id bigint generated always as identity not null,
  task_instance_id bigint not null,
  try_number integer not null,
  at timestamp with time zone not null,
  level text not null,
  message text not null,
  fields jsonb,
  constraint task_log_level_known CHECK (level = ANY (ARRAY['debug'::text, 'info'::text, 'warn'::text, 'error'::text])),
  constraint task_log_pkey PRIMARY KEY (task_instance_id, task_log_id, at)
) partition by RANGE (at);

comment on table task_log is 'A log line of an attempt, redacted, by month.';

create table task_log_other partition of task_log DEFAULT;

create table task_ready (
  task_instance_id bigint not null,
  dag_run_id bigint not null,
  priority_weight integer not null,
  pool_slots integer not null,
  order_at timestamp with time zone not null,
  dag_id text not null,
  limits text[],
  is_backfill boolean default false not null,
  constraint task_ready_pkey PRIMARY KEY (task_instance_id)
) with (autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=500);

comment on table task_ready is 'A task instance that can be claimed now. "limits" names what is counted across runs before it may start.';

CREATE INDEX task_ready_claim ON task_ready USING btree (priority_weight DESC, order_at, task_instance_id) WHERE NOT is_backfill;

CREATE INDEX task_ready_claim_backfill ON task_ready USING btree (priority_weight DESC, order_at, task_instance_id) WHERE is_backfill;

create table task_state (
  dag_id text not null,
  task_id text not null,
  map_index integer default '-1'::integer not null,
  key text not null,
  value jsonb not null,
  updated_at timestamp with time zone default now() not null,
  constraint task_state_pkey PRIMARY KEY (dag_id, task_id, map_index, key)
);

comment on table task_state is 'A cursor of a task across runs, written with the finish of the task.';

create table task_try (
  task_instance_id bigint not null,
  dag_run_id bigint not null,
  try_number integer not null,
  hand_off integer not null,
  clear_number integer not null,
  map_index integer not null,
  process_id bigint,
  ready_at timestamp with time zone not null,
  claimed_at timestamp with time zone not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone not null,
  dag_id text not null,
  task_id text not null,
  state text not null,
  reason text,
  error jsonb,
  constraint task_try_pkey PRIMARY KEY (task_instance_id, try_number, hand_off, ended_at)
) partition by RANGE (ended_at);

comment on table task_try is 'One attempt that ended, by month of its end.';

CREATE INDEX task_try_recent ON ONLY task_try USING btree (dag_id, ended_at DESC);

create table task_try_other partition of task_try DEFAULT;

create table wake (
  wake_id bigint generated always as identity not null,
  wake_key text not null,
  told_dag_run_id bigint default 0 not null,
  created_at timestamp with time zone default now() not null,
  constraint wake_pkey PRIMARY KEY (wake_id)
);

comment on table wake is 'Something that others may wait for has happened; gone once every run that waited for it looks again. Runs are told in the order of their ids, "told_dag_run_id" is the last.';

create table watched_dag (
  dag_id text not null,
  constraint watched_dag_pkey PRIMARY KEY (dag_id)
);

comment on table watched_dag is 'A DAG whose runs tasks of other DAGs wait for; the ends of its runs are told.';

create table xcom (
  task_instance_id bigint not null,
  value jsonb not null,
  constraint xcom_pkey PRIMARY KEY (task_instance_id)
);

comment on table xcom is 'The output of a task instance.';

create view alert_log as
 SELECT a.created_at,
    a.kind,
    a.dag_id,
    a.payload ->> 'runId'::text AS run_id,
    a.payload ->> 'taskId'::text AS task_id,
    a.try_number,
    d.channel,
    d.state,
    d.attempts,
    d.sent_at,
    d.error
   FROM alert a
     LEFT JOIN alert_delivery d USING (alert_id);

comment on view alert_log is 'A row for each alert and channel.';

create view asset_due as
 WITH RECURSIVE pending AS (
        ( SELECT a.dag_id
           FROM asset_pending a
          ORDER BY a.dag_id
         LIMIT 1)
        UNION ALL
         SELECT n.dag_id
           FROM pending p_1
             CROSS JOIN LATERAL ( SELECT a.dag_id
                   FROM asset_pending a
                  WHERE a.dag_id > p_1.dag_id
                  ORDER BY a.dag_id
                 LIMIT 1) n
        )
 SELECT p.dag_id
   FROM pending p
     CROSS JOIN LATERAL ( SELECT
           FROM dag d_1
          WHERE d_1.dag_id = p.dag_id AND d_1.is_present AND NOT d_1.is_paused AND (d_1.next_run_after IS NULL OR d_1.next_run_after <= now())
         LIMIT 1) d
  WHERE NOT (EXISTS ( SELECT
           FROM asset_consumer c
          WHERE c.dag_id = p.dag_id AND c.needs_all AND NOT (EXISTS ( SELECT
                   FROM asset_pending a
                  WHERE a.dag_id = c.dag_id AND a.asset = c.asset)))) AND NOT (EXISTS ( SELECT
           FROM "limit" l
          WHERE l.kind = 'dag_runs'::text AND l.name = p.dag_id AND l.capacity >= 0 AND l.capacity <= (( SELECT count(*) AS count
                   FROM (( SELECT 1 AS "?column?"
                           FROM dag_run r
                          WHERE r.dag_id = p.dag_id AND r.backfill_id IS NULL AND r.state = 'running'::text
                         LIMIT l.capacity)
                        UNION ALL
                        ( SELECT 1
                           FROM dag_run r
                          WHERE r.dag_id = p.dag_id AND COALESCE(r.backfill_id, 0::bigint) = 0 AND r.state = 'queued'::text AND NOT r.waits_for_past
                         LIMIT l.capacity)
                        UNION ALL
                        ( SELECT 1
                           FROM dag_run r
                          WHERE r.dag_id = p.dag_id AND COALESCE(r.backfill_id, 0::bigint) = 0 AND r.waits_for_past
                         LIMIT l.capacity)) active))));

comment on view asset_due is 'DAGs whose assets were updated as their schedules ask, that have a place for one more active run and were not put off; by a skip scan: one index probe for each that has updates.';

create view dag_run_log as
 SELECT r.dag_id,
    r.run_id,
    r.run_type,
    r.state,
    r.reason,
    r.logical_date,
    r.data_interval_start,
    r.data_interval_end,
    r.run_after,
    r.queued_at,
    r.started_at,
    r.ended_at,
    r.started_at - r.queued_at AS waited,
    COALESCE(r.ended_at, now()) - r.started_at AS ran,
    r.clear_number,
    r.backfill_id,
    r.triggered_by,
    r.params,
    v.manifest_hash
   FROM dag_run r
     JOIN dag_version v USING (dag_version_id);

comment on view dag_run_log is 'A row for each run.';

create view missed_interval as
 SELECT dag_id,
    gap_start,
    gap_end,
    intervals,
    noticed_at
   FROM schedule_gap g
  WHERE NOT (EXISTS ( SELECT
           FROM dag_run_interval i
          WHERE i.dag_id = g.dag_id AND i.interval_start >= g.gap_start AND i.interval_end <= g.gap_end
         HAVING count(*) >= g.intervals));

comment on view missed_interval is 'Spans that the schedule passed over and that no later run has filled.';

create view run_log as
 SELECT t.dag_id,
    r.run_id,
    t.task_id,
    t.map_index,
    t.try_number,
    t.hand_off,
    r.run_type,
    r.logical_date,
    r.data_interval_start,
    r.data_interval_end,
    t.state,
    t.reason,
    t.ready_at,
    t.claimed_at,
    t.started_at,
    t.ended_at,
    t.claimed_at - t.ready_at AS waited,
    t.ended_at - t.started_at AS ran,
    t.error ->> 'message'::text AS error,
    p.host
   FROM task_try t
     JOIN dag_run r USING (dag_run_id)
     LEFT JOIN process p ON p.process_id = t.process_id
UNION ALL
 SELECT r.dag_id,
    r.run_id,
    i.task_id,
    i.map_index,
    i.try_number,
    i.hand_off,
    r.run_type,
    r.logical_date,
    r.data_interval_start,
    r.data_interval_end,
    i.state,
    i.reason,
    i.ready_at,
    i.started_at AS claimed_at,
    i.started_at,
    NULL::timestamp with time zone AS ended_at,
    i.started_at - i.ready_at AS waited,
    now() - i.started_at AS ran,
    NULL::text AS error,
    p.host
   FROM dag_run r
     JOIN task_instance i USING (dag_run_id)
     LEFT JOIN process p ON p.process_id = i.process_id
  WHERE r.state = 'running'::text AND i.state = 'running'::text;

comment on view run_log is 'A row for each try, ended or running.';

CREATE OR REPLACE FUNCTION cancel(dag_id text, run_id text, why text DEFAULT NULL::text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'tidemill', 'pg_temp'
AS $function$
declare
  found_state text;
begin
  perform request_check_run($1, $2);
  select r.state into found_state from dag_run r where r.dag_id = $1 and r.run_id = $2;
  if found_state in ('success', 'failed', 'cancelled') then
    raise exception using errcode = 'object_not_in_prerequisite_state', message = format(
      'TIDEMILL_STATE_REFUSED: Run "%s" of DAG "%s" is %s; only a queued or running run can be cancelled',
      $2, $1, found_state);
  end if;
  perform request_insert('cancel', $1, $2, '{}', $3);
end $function$;

comment on function cancel is 'Asks for the end of a run, once the transaction commits.';

CREATE OR REPLACE FUNCTION clear(dag_id text, run_id text, task_ids text[] DEFAULT NULL::text[], only_failed boolean DEFAULT false, upstream boolean DEFAULT false, downstream boolean DEFAULT false, why text DEFAULT NULL::text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'tidemill', 'pg_temp'
AS $function$
declare
  unknown text;
begin
  perform request_check_run($1, $2);
  select w.task_id into unknown
  from unnest($3) as w (task_id)
  where not exists (
    select
    from dag_version v
    cross join jsonb_array_elements(v.manifest -> 'tasks') as t
    where v.dag_version_id = coalesce(
        (select r.dag_version_id from dag_run r where r.dag_id = $1 and r.run_id = $2),
        (select d.dag_version_id from dag d where d.dag_id = $1))
      and t ->> 'taskId' = w.task_id)
  limit 1;
  if unknown is not null then
    raise exception using errcode = 'no_data_found', message = format(
      'TIDEMILL_TASK_NOT_FOUND: Task "%s" is not a task of DAG "%s"; "tidemill tasks list %2$s" names them',
      unknown, $1);
  end if;
  perform request_insert('clear', $1, $2,
    jsonb_build_object('taskIds', coalesce(to_jsonb($3), '[]'), 'onlyFailed', $4, 'upstream', $5,
      'downstream', $6), $7);
end $function$;

comment on function clear is 'Asks that tasks of a run are done again, all of them if none is named, once the transaction commits.';

CREATE OR REPLACE FUNCTION dag_run_take_along()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'tidemill'
AS $function$
begin
  delete from task_instance where dag_run_id = any(array(select g.dag_run_id from gone g));
  return null;
end $function$;

comment on function dag_run_take_along is 'Deletes the task instances of runs that are deleted.';

CREATE OR REPLACE FUNCTION dag_run_take_slot()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.slot_number := nextval('dag_run_slot');
  return new;
end $function$;

CREATE OR REPLACE FUNCTION dag_run_tell_end()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'tidemill'
AS $function$
begin
  if exists (select from watched_dag w where w.dag_id = new.dag_id) then
    insert into wake (wake_key)
    select 'run:' || new.dag_id || '#' || new.run_id
    union all
    select 'run:' || new.dag_id || '@'
      || to_char(i.interval_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    from dag_run_interval i
    where i.dag_run_id = new.dag_run_id;
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION partition_drop_before(parent text, day date)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
declare
  child text;
  dropped integer := 0;
begin
  for child in
    select c.relname
    from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    where i.inhparent = parent::regclass
      and c.relname ~ '_[0-9]{4}_[0-9]{2}$'
      and to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= day
  loop
    execute format('drop table %I', child);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $function$;

comment on function partition_drop_before is 'Drops the monthly partitions that ended before a day; the number dropped.';

CREATE OR REPLACE FUNCTION partition_ensure(parent text, month date)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
declare
  first_day date := date_trunc('month', month)::date;
  name text := format('%s_%s', parent, to_char(first_day, 'YYYY_MM'));
begin
  if to_regclass(name) is not null then
    return false;
  end if;
  execute format('create table %I partition of %I for values from (%L) to (%L)',
    name, parent, first_day::timestamp at time zone 'UTC',
    (first_day + interval '1 month')::timestamp at time zone 'UTC');
  return true;
end $function$;

comment on function partition_ensure is 'Creates the partition of a month if it is not there; true if it was created.';

CREATE OR REPLACE FUNCTION pause(dag_id text, why text DEFAULT NULL::text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'tidemill', 'pg_temp'
AS $function$
begin
  perform request_check_dag($1);
  perform request_insert('pause', $1, null, '{}', $2);
end $function$;

comment on function pause is 'Asks that a DAG is paused, once the transaction commits.';

CREATE OR REPLACE FUNCTION refuse_delete()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception using errcode = 'restrict_violation', message = format(
    'Rows of "%s" stay: runs refer to them; take the file out of the DAGs folder instead', tg_table_name);
end $function$;

comment on function refuse_delete is 'Keeps what runs refer to.';

CREATE OR REPLACE FUNCTION request_check_dag(dag_id text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  if not exists (select from dag d where d.dag_id = $1 and d.is_present) then
    raise exception using errcode = 'no_data_found', message = format(
      'TIDEMILL_DAG_NOT_FOUND: DAG "%s" is not known here; "tidemill dags list" names the DAGs', $1);
  end if;
end $function$;

comment on function request_check_dag is 'Refuses a DAG that no file declares.';

CREATE OR REPLACE FUNCTION request_check_run(dag_id text, run_id text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  perform request_check_dag($1);
  if not exists (select from dag_run r where r.dag_id = $1 and r.run_id = $2)
    and not exists (
      select from request q where q.dag_id = $1 and q.run_id = $2 and q.verb = 'trigger')
  then
    raise exception using errcode = 'no_data_found', message = format(
      'TIDEMILL_RUN_NOT_FOUND: Run "%2$s" of DAG "%1$s" does not exist; "tidemill runs list %1$s" names them',
      $1, $2);
  end if;
end $function$;

comment on function request_check_run is 'Refuses a run that neither exists nor was asked for.';

CREATE OR REPLACE FUNCTION request_insert(verb text, dag_id text, run_id text, options jsonb, why text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  insert into request (verb, dag_id, run_id, options, why, actor)
  values ($1, $2, $3, $4, $5, 'sql:' || session_user);
  perform pg_notify('tidemill_wake', '');
end $function$;

comment on function request_insert is 'Stores a request and wakes the schedulers at the commit.';

CREATE OR REPLACE FUNCTION send_event(name text, payload jsonb DEFAULT NULL::jsonb, event_key text DEFAULT NULL::text, ttl interval DEFAULT '7 days'::interval, sent_by text DEFAULT ('sql:'::text || (SESSION_USER)::text))
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'tidemill', 'pg_temp'
AS $function$
declare
  sent bigint;
begin
  if send_event.name !~ '^[A-Za-z0-9_.~:+-]{1,200}$' or send_event.name ~ '\.\.' then
    raise exception using errcode = 'invalid_parameter_value', message = format(
      'TIDEMILL_ID_INVALID: Event id "%s" has a character that ids may not have; use 1 to 200 of A-Z a-z 0-9 _ . ~ : + - and no ".."',
      send_event.name);
  end if;
  if send_event.ttl between interval '1 microsecond' and interval '36500 days' is not true then
    raise exception using errcode = 'invalid_parameter_value', message = format(
      'TIDEMILL_INPUT_INVALID: The ttl of event "%s" is %s; choose more than 0 and at most 36500 days',
      send_event.name, coalesce(send_event.ttl::text, 'null'));
  end if;
  insert into named_event (name, payload, event_key, expires_at, sent_by)
  values (send_event.name, send_event.payload, send_event.event_key,
    clock_timestamp() + send_event.ttl, send_event.sent_by)
  on conflict on constraint named_event_once_per_key do nothing
  returning named_event_id into sent;
  if sent is null then
    return null;
  end if;
  insert into wake (wake_key) values ('event:' || send_event.name);
  perform pg_notify('tidemill_wake', '');
  return sent;
end $function$;

comment on function send_event is 'Sends an event that tasks may wait for, with the commit of the caller. Null if an event with this key was sent before.';

CREATE OR REPLACE FUNCTION task_instance_take_along()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'tidemill'
AS $function$
declare
  ids bigint[] := array(select g.task_instance_id from gone g);
begin
  delete from task_ready where task_instance_id = any(ids);
  delete from limit_holder where task_instance_id = any(ids);
  delete from xcom where task_instance_id = any(ids);
  return null;
end $function$;

comment on function task_instance_take_along is 'Deletes what stands ready, what is held and what was put out by task instances that are deleted.';

CREATE OR REPLACE FUNCTION trigger(dag_id text, params jsonb DEFAULT NULL::jsonb, run_id text DEFAULT NULL::text, interval_of text DEFAULT NULL::text, why text DEFAULT NULL::text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'tidemill', 'pg_temp'
AS $function$
declare
  chosen text := coalesce($3, format('manual__%s_%s',
    to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"+00:00"'),
    substr(md5(gen_random_uuid()::text), 1, 6)));
begin
  perform request_check_dag($1);
  if chosen !~ '^[A-Za-z0-9_.~:+-]{1,200}$' or chosen ~ '\.\.' then
    raise exception using errcode = 'invalid_parameter_value', message = format(
      'TIDEMILL_ID_INVALID: Run id "%s" has a character that ids may not have; use 1 to 200 of A-Z a-z 0-9 _ . ~ : + - and no ".."',
      chosen);
  end if;
  if chosen ~ '^(scheduled|backfill|asset_triggered)__' then
    raise exception using errcode = 'invalid_parameter_value', message = format(
      'TIDEMILL_INPUT_INVALID: Run id "%s" of DAG "%s" begins like that of a run of another type; choose another beginning',
      chosen, $1);
  end if;
  if exists (select from dag_run r where r.dag_id = $1 and r.run_id = chosen)
    or exists (
      select from request q where q.dag_id = $1 and q.run_id = chosen and q.verb = 'trigger')
  then
    raise exception using errcode = 'unique_violation', message = format(
      'TIDEMILL_RUN_EXISTS: Run "%s" of DAG "%s" exists already; choose another run id, or clear that run',
      chosen, $1);
  end if;
  perform request_insert('trigger', $1, chosen,
    case when $2 is null then '{}' else jsonb_build_object('params', $2) end
      || case when $4 is null then '{}' else jsonb_build_object('interval', $4) end, $5);
  return chosen;
end $function$;

comment on function trigger is 'Asks for a run of a DAG, once the transaction commits; its run id.';

CREATE OR REPLACE FUNCTION unpause(dag_id text, why text DEFAULT NULL::text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'tidemill', 'pg_temp'
AS $function$
begin
  perform request_check_dag($1);
  perform request_insert('unpause', $1, null, '{}', $2);
end $function$;

comment on function unpause is 'Asks that a DAG goes on, once the transaction commits.';

CREATE OR REPLACE FUNCTION update_asset(asset text, payload jsonb DEFAULT NULL::jsonb, updated_by text DEFAULT ('sql:'::text || (SESSION_USER)::text))
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'tidemill', 'pg_temp'
AS $function$
declare
  made bigint;
begin
  if $1 !~ '^[A-Za-z0-9_.~:+-]{1,200}$' or $1 ~ '\.\.' then
    raise exception using errcode = 'invalid_parameter_value', message = format(
      'TIDEMILL_ID_INVALID: Asset id "%s" has a character that ids may not have; use 1 to 200 of A-Z a-z 0-9 _ . ~ : + - and no ".."',
      $1);
  end if;
  insert into asset_event (asset, payload, updated_by) values ($1, $2, $3)
  returning asset_event_id into made;
  insert into asset_pending (dag_id, asset, asset_event_id)
  select c.dag_id, c.asset, made from asset_consumer c where c.asset = $1;
  perform pg_notify('tidemill_wake', '');
  return made;
end $function$;

comment on function update_asset is 'Tells that an asset was updated from outside, with the commit of the caller; the number of the update.';

CREATE TRIGGER dag_run_ended AFTER UPDATE OF state ON dag_run FOR EACH ROW WHEN (new.ended_at IS NOT NULL AND old.ended_at IS NULL) EXECUTE FUNCTION dag_run_tell_end();

CREATE TRIGGER dag_run_gone AFTER DELETE ON dag_run REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION dag_run_take_along();

CREATE TRIGGER dag_run_started BEFORE UPDATE OF state ON dag_run FOR EACH ROW WHEN (new.state = 'running'::text AND old.state <> 'running'::text) EXECUTE FUNCTION dag_run_take_slot();

CREATE TRIGGER dag_stays BEFORE DELETE ON dag FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();

CREATE TRIGGER dag_version_stays BEFORE DELETE ON dag_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();

CREATE TRIGGER task_instance_gone AFTER DELETE ON task_instance REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION task_instance_take_along();
