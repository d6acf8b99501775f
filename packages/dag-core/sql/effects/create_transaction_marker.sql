create schema if not exists tidemill_effects;

create table if not exists tidemill_effects.transaction_marker (
  installation_id text not null,
  dag_id text not null,
  run_id text not null,
  task_id text not null,
  map_index integer not null,
  name text not null,
  clear_number integer not null,
  result json,
  written_at timestamptz not null default now(),
  constraint transaction_marker_pkey primary key (installation_id, dag_id, run_id, task_id, map_index, name),
  constraint transaction_marker_clear_number_not_negative check (clear_number >= 0)
);

comment on table tidemill_effects.transaction_marker is
  'One row per named transaction of a task instance: the clear that committed it last, and what it returned.';
