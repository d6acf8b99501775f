create table process (
  process_id bigint generated always as identity primary key,
  kind text not null,
  host text not null,
  pid integer not null,
  version text not null,
  capacity integer not null,
  state text not null default 'alive',
  started_at timestamptz not null default now(),
  heartbeat_at timestamptz not null default now(),
  ended_at timestamptz,
  constraint process_kind_known check (kind in ('scheduler', 'worker')),
  constraint process_state_known check (state in ('alive', 'lost', 'ended')),
  constraint process_ended_iff_not_alive check ((ended_at is not null) = (state <> 'alive'))
) with (fillfactor = 50);
comment on table process is 'A scheduler or worker. The leases of its attempts live as long as its heartbeat.';
create index process_alive on process (process_id) where state = 'alive';

create table task_instance (
  task_instance_id bigint generated always as identity primary key,
  dag_run_id bigint not null references dag_run on delete cascade,
  process_id bigint,
  lease_token uuid,
  ready_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  wake_at timestamptz,
  first_poke_at timestamptz,
  map_index integer not null default -1,
  try_number integer not null default 0,
  max_tries integer not null default 0,
  cleared_at_try integer not null default 0,
  clear_number integer not null default 0,
  hand_off integer not null default 0,
  infra_retries integer not null default 0,
  list_length integer,
  runs_alone boolean not null default false,
  task_id text not null,
  state text not null default 'none',
  reason text,
  choice text,
  constraint task_instance_once_per_run unique (dag_run_id, task_id, map_index),
  constraint task_instance_state_known check (state in (
    'none', 'scheduled', 'queued', 'running', 'up_for_retry', 'up_for_reschedule', 'deferred',
    'success', 'failed', 'upstream_failed', 'skipped', 'removed', 'cancelled')),
  constraint task_instance_leased_iff_running check ((lease_token is not null) = (state = 'running')),
  constraint task_instance_wakes_iff_waiting
    check ((wake_at is not null) = (state in ('up_for_retry', 'up_for_reschedule')))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
comment on table task_instance is 'A task (and map index) in a run: its present state.';
create index task_instance_wake on task_instance (wake_at) where wake_at is not null;

create table task_ready (
  task_instance_id bigint primary key references task_instance on delete cascade,
  dag_run_id bigint not null,
  priority_weight integer not null,
  pool_slots integer not null,
  order_at timestamptz not null,
  dag_id text not null,
  limits text[]
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500);
comment on table task_ready is 'A task instance that can be claimed now. "limits" names what is counted across runs before it may start.';
create index task_ready_claim on task_ready (priority_weight desc, order_at, task_instance_id);

create table pool (
  pool text primary key,
  slots integer not null,
  description text not null default '',
  constraint pool_slots_known check (slots >= -1)
);
comment on table pool is 'A named cap over all DAGs; -1 slots is no cap.';
insert into pool (pool, slots, description) values ('default_pool', -1, 'Tasks that name no pool; no cap, never locked.');

create table "limit" (
  kind text not null,
  name text not null,
  capacity integer not null,
  primary key (kind, name),
  constraint limit_kind_known check (kind in ('pool', 'dag_runs', 'backfill_runs', 'dag_tasks', 'task', 'key', 'installation'))
);
comment on table "limit" is 'One row for each thing that is counted across runs; locked to count.';

create table limit_holder (
  kind text not null,
  name text not null,
  task_instance_id bigint not null references task_instance on delete cascade,
  slots integer not null,
  primary key (kind, name, task_instance_id),
  constraint limit_holder_slots_positive check (slots > 0)
);
comment on table limit_holder is 'A limited thing that a live task instance takes; counted together with the state of its task instance, so it cannot leak.';

create table xcom (
  task_instance_id bigint primary key references task_instance on delete cascade,
  value jsonb not null
);
comment on table xcom is 'The output of a task instance.';

create table task_state (
  dag_id text not null,
  task_id text not null,
  map_index integer not null default -1,
  key text not null,
  value jsonb not null,
  updated_at timestamptz not null default now(),
  primary key (dag_id, task_id, map_index, key)
);
comment on table task_state is 'A cursor of a task across runs, written with the finish of the task.';
