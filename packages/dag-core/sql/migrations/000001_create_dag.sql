create table dag_version (
  dag_version_id bigint generated always as identity primary key,
  dag_id text not null,
  manifest_hash text not null,
  manifest jsonb not null,
  source_revision text,
  created_at timestamptz not null default now(),
  constraint dag_version_once_per_hash unique (dag_id, manifest_hash)
);
comment on table dag_version is 'One manifest of a DAG by content hash; written only when the hash is new.';

create table dag (
  dag_id text primary key,
  dag_version_id bigint not null references dag_version,
  file text not null,
  is_paused boolean not null default false,
  is_present boolean not null default true,
  last_interval_start timestamptz,
  last_interval_end timestamptz,
  next_run_after timestamptz,
  loaded_at timestamptz not null default now(),
  constraint dag_id_form check (dag_id ~ '^[A-Za-z0-9_.~:+-]{1,200}$' and dag_id !~ '\.\.'),
  constraint dag_last_interval_whole check ((last_interval_start is null) = (last_interval_end is null))
) with (fillfactor = 80);
comment on table dag is 'A DAG as operators see it: its present version, whether it is paused, and when its next run is due.';
create index dag_due on dag (next_run_after)
  where not is_paused and is_present and next_run_after is not null;

create table import_error (
  file text primary key,
  message text not null,
  noticed_at timestamptz not null default now()
);
comment on table import_error is 'A DAG file that could not be imported; gone once it can be.';

create table schedule_gap (
  dag_id text not null references dag on delete cascade,
  gap_start timestamptz not null,
  gap_end timestamptz not null,
  intervals integer not null,
  noticed_at timestamptz not null default now(),
  primary key (dag_id, gap_start),
  constraint schedule_gap_forward check (gap_end >= gap_start),
  constraint schedule_gap_not_empty check (intervals > 0)
);
comment on table schedule_gap is 'A span of intervals that the schedule passed over, because catchup was not "all".';

create table installation (
  is_only boolean primary key default true,
  installation_id uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  constraint installation_only_one check (is_only)
);
comment on table installation is 'The identity of this installation; part of the key of what its tasks write once.';
insert into installation default values;
