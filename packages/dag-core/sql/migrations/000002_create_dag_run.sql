create table backfill (
  backfill_id bigint generated always as identity primary key,
  dag_id text not null references dag,
  from_date timestamptz not null,
  to_date timestamptz not null,
  reprocess text not null,
  run_backwards boolean not null,
  max_active_runs integer not null,
  params jsonb not null,
  plan_hash text not null,
  state text not null default 'running',
  created_at timestamptz not null default now(),
  created_by text not null,
  ended_at timestamptz,
  constraint backfill_state_known check (state in ('running', 'paused', 'success', 'failed', 'cancelled')),
  constraint backfill_reprocess_known check (reprocess in ('none', 'failed', 'completed')),
  constraint backfill_range_forward check (to_date >= from_date),
  constraint backfill_max_active_runs_positive check (max_active_runs > 0),
  constraint backfill_ended_iff_final
    check ((ended_at is not null) = (state in ('success', 'failed', 'cancelled')))
);
comment on table backfill is 'A request for the runs of past intervals.';
create index backfill_active on backfill (dag_id) where ended_at is null;

create table dag_run (
  dag_run_id bigint generated always as identity primary key,
  dag_version_id bigint not null references dag_version,
  backfill_id bigint references backfill,
  changed bigint not null default 0,
  decided bigint not null default 0,
  run_after timestamptz not null,
  logical_date timestamptz,
  data_interval_start timestamptz not null,
  data_interval_end timestamptz not null,
  queued_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  times_out_at timestamptz,
  clear_number integer not null default 0,
  backfill_ordinal integer,
  needs_decision boolean not null default false,
  dag_id text not null references dag,
  run_id text not null,
  run_type text not null,
  state text not null default 'queued',
  reason text,
  triggered_by text not null,
  params jsonb not null default '{}',
  constraint dag_run_id_once_per_dag unique (dag_id, run_id),
  constraint dag_run_id_form check (run_id ~ '^[A-Za-z0-9_.~:+-]{1,200}$' and run_id !~ '\.\.'),
  constraint dag_run_state_known
    check (state in ('queued', 'running', 'success', 'failed', 'cancelled')),
  constraint dag_run_type_known check (run_type in ('scheduled', 'manual', 'backfill')),
  constraint dag_run_ended_iff_final
    check ((ended_at is not null) = (state in ('success', 'failed', 'cancelled'))),
  constraint dag_run_started_once_running check (state <> 'running' or started_at is not null),
  constraint dag_run_interval_forward check (data_interval_end >= data_interval_start)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
comment on table dag_run is 'A run of a DAG. "changed" grows with every change of the run or its task instances, so that a copy in memory can be recognised as current.';
create index dag_run_queued on dag_run
  (dag_id, coalesce(backfill_id, 0), coalesce(backfill_ordinal, 0), run_after, dag_run_id)
  where state = 'queued';
create index dag_run_running on dag_run (dag_id, backfill_id) where state = 'running';
create index dag_run_to_decide on dag_run (dag_run_id) where needs_decision;
create index dag_run_timeout on dag_run (times_out_at)
  where times_out_at is not null and state = 'running';
create index dag_run_history on dag_run (dag_id, run_after desc, dag_run_id desc);
create index dag_run_of_backfill on dag_run (backfill_id) where backfill_id is not null;

create table dag_run_interval (
  dag_id text not null references dag,
  interval_start timestamptz not null,
  interval_end timestamptz not null,
  dag_run_id bigint not null references dag_run on delete cascade,
  primary key (dag_id, interval_start),
  constraint dag_run_interval_forward check (interval_end >= interval_start)
);
comment on table dag_run_interval is 'An interval that a run covers. A cancelled run releases its rows. Overlap is refused under the lock of the dag row.';
create index dag_run_interval_of_run on dag_run_interval (dag_run_id);

create table backfill_run (
  backfill_id bigint not null references backfill on delete cascade,
  ordinal integer not null,
  interval_start timestamptz not null,
  interval_end timestamptz not null,
  action text not null,
  reason text not null,
  dag_run_id bigint references dag_run on delete set null,
  primary key (backfill_id, ordinal),
  constraint backfill_run_action_known check (action in ('create', 'clear', 'skip'))
);
comment on table backfill_run is 'An interval of a backfill, with what was decided for it and why.';
