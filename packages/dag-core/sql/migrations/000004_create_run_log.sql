create table task_try (
  task_instance_id bigint not null,
  dag_run_id bigint not null,
  try_number integer not null,
  hand_off integer not null,
  clear_number integer not null,
  map_index integer not null,
  process_id bigint,
  ready_at timestamptz not null,
  claimed_at timestamptz not null,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  dag_id text not null,
  task_id text not null,
  state text not null,
  reason text,
  error jsonb,
  primary key (task_instance_id, try_number, hand_off, ended_at)
) partition by range (ended_at);
comment on table task_try is 'One attempt that ended, by month of its end.';
create index task_try_recent on task_try (dag_id, ended_at desc);

create table task_log (
  task_log_id bigint generated always as identity,
  task_instance_id bigint not null,
  try_number integer not null,
  at timestamptz not null,
  level text not null,
  message text not null,
  fields jsonb,
  primary key (task_instance_id, task_log_id, at),
  constraint task_log_level_known check (level in ('debug', 'info', 'warn', 'error'))
) partition by range (at);
comment on table task_log is 'A log line of an attempt, redacted, by month.';

create table event (
  event_id bigint generated always as identity,
  at timestamptz not null default now(),
  dag_run_id bigint,
  task_instance_id bigint,
  dag_id text,
  name text not null,
  actor text not null,
  details jsonb not null default '{}',
  primary key (event_id, at)
) partition by range (at);
comment on table event is 'What happened and who did it, by month; for people and audit.';
create index event_of_dag on event (dag_id, event_id desc);

create table task_try_other partition of task_try default;
create table task_log_other partition of task_log default;
create table event_other partition of event default;

create function partition_ensure(parent text, month date) returns boolean
language plpgsql as $$
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
end $$;
comment on function partition_ensure is 'Creates the partition of a month if it is not there; true if it was created.';

create function partition_drop_before(parent text, day date) returns integer
language plpgsql as $$
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
end $$;
comment on function partition_drop_before is 'Drops the monthly partitions that ended before a day; the number dropped.';

select partition_ensure(parent, (now() + n * interval '1 month')::date)
from unnest(array['task_try', 'task_log', 'event']) as parent, generate_series(0, 2) as n;

create view run_log as
select t.dag_id, r.run_id, t.task_id, t.map_index, t.try_number, t.hand_off,
  r.run_type, r.logical_date, r.data_interval_start, r.data_interval_end,
  t.state, t.reason, t.ready_at, t.claimed_at, t.started_at, t.ended_at,
  t.claimed_at - t.ready_at as waited, t.ended_at - t.started_at as ran,
  t.error ->> 'message' as error, p.host
from task_try t
join dag_run r using (dag_run_id)
left join process p on p.process_id = t.process_id
union all
select r.dag_id, r.run_id, i.task_id, i.map_index, i.try_number, i.hand_off,
  r.run_type, r.logical_date, r.data_interval_start, r.data_interval_end,
  i.state, i.reason, i.ready_at, i.started_at, i.started_at, null,
  i.started_at - i.ready_at, now() - i.started_at,
  null, p.host
from dag_run r
join task_instance i using (dag_run_id)
left join process p on p.process_id = i.process_id
where r.state = 'running' and i.state = 'running';
comment on view run_log is 'A row for each try, ended or running.';

create view dag_run_log as
select r.dag_id, r.run_id, r.run_type, r.state, r.reason, r.logical_date,
  r.data_interval_start, r.data_interval_end, r.run_after, r.queued_at, r.started_at, r.ended_at,
  r.started_at - r.queued_at as waited, coalesce(r.ended_at, now()) - r.started_at as ran,
  r.clear_number, r.backfill_id, r.triggered_by, r.params, v.manifest_hash
from dag_run r
join dag_version v using (dag_version_id);
comment on view dag_run_log is 'A row for each run.';

create view missed_interval as
select g.dag_id, g.gap_start, g.gap_end, g.intervals, g.noticed_at
from schedule_gap g
where not exists (
  select from dag_run_interval i
  where i.dag_id = g.dag_id and i.interval_start >= g.gap_start and i.interval_end <= g.gap_end
  having count(*) >= g.intervals
);
comment on view missed_interval is 'Spans that the schedule passed over and that no later run has filled.';
