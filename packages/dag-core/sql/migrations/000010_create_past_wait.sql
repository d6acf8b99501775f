alter table dag_run
  add column waits_for_past boolean not null default false,
  add column is_awaited boolean not null default false,
  add constraint dag_run_waits_for_past_queued check (not waits_for_past or state = 'queued');
create index dag_run_startable on dag_run
  (dag_id, coalesce(backfill_id, 0), coalesce(backfill_ordinal, 0), run_after, dag_run_id)
  where state = 'queued' and not waits_for_past;
create index dag_run_past on dag_run (dag_id, logical_date) where logical_date is not null;
drop index dag_run_queued;
create index dag_run_queued on dag_run (dag_id) where state = 'queued';

create table past_wait (
  dag_run_id bigint primary key references dag_run on delete cascade,
  past_dag_run_id bigint references dag_run on delete set null,
  past_changed bigint not null,
  logical_date timestamptz not null,
  past_date timestamptz not null,
  is_settled boolean not null default false,
  is_due boolean not null default false,
  dag_id text not null,
  task_ids text[] not null,
  constraint past_wait_looks_back check (past_date < logical_date)
);
comment on table past_wait is 'A run with tasks that wait for the previous run. It is settled once the previous run is known to tell of every change; due once one of the tasks may have passed.';
create index past_wait_of_dag on past_wait (dag_id, logical_date);
create index past_wait_of_past on past_wait (past_dag_run_id) where past_dag_run_id is not null;
create index past_wait_open on past_wait (dag_run_id)
  where is_due or not is_settled or past_dag_run_id is null;
