create table floor_run (id bigint generated always as identity primary key, state text not null default 'running');
create table floor_instance (
  id bigint primary key, run_id bigint not null, state text not null, started_at timestamptz, ended_at timestamptz
) with (fillfactor = 70);
create table floor_ready (id bigint primary key);
create table floor_try (
  instance_id bigint not null, state text not null, started_at timestamptz not null, ended_at timestamptz not null
);
