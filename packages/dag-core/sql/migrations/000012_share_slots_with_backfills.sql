-- What may be claimed for a backfill stands beside what may be claimed for other runs, so that both are found by order.
alter table task_ready add column is_backfill boolean not null default false;
update task_ready t
set is_backfill = true
from dag_run r
where r.dag_run_id = t.dag_run_id and r.backfill_id is not null;
drop index task_ready_claim;
create index task_ready_claim on task_ready (priority_weight desc, order_at, task_instance_id)
  where not is_backfill;
create index task_ready_claim_backfill on task_ready (priority_weight desc, order_at, task_instance_id)
  where is_backfill;

alter table limit_holder add column is_backfill boolean not null default false;
update limit_holder h
set is_backfill = true
from task_instance i
join dag_run r using (dag_run_id)
where i.task_instance_id = h.task_instance_id and r.backfill_id is not null;

-- "creating": not all of its runs are stored yet, none starts. "cancelling": none starts, some still run.
alter table backfill drop constraint backfill_state_known;
alter table backfill add constraint backfill_state_known
  check (state in ('creating', 'running', 'paused', 'cancelling', 'success', 'failed', 'cancelled'));
alter table backfill add column batch_size integer not null default 1;
alter table backfill add constraint backfill_batch_size_positive check (batch_size > 0);

-- Progress, and whether a backfill is over, are read from the index, however many of its runs have ended.
drop index dag_run_of_backfill;
create index dag_run_of_backfill on dag_run (backfill_id, state, ended_at) where backfill_id is not null;

-- The queued runs of a DAG itself are counted beside a million of a backfill.
drop index dag_run_queued;
create index dag_run_queued on dag_run (dag_id, coalesce(backfill_id, 0)) where state = 'queued';

-- Bounds of the contiguous intervals that one run of a backfill covers: of n intervals, n + 1 instants.
alter table dag_run add column interval_bounds timestamptz[];
alter table dag_run add constraint dag_run_interval_bounds_of_several
  check (cardinality(interval_bounds) > 2);

-- An interval of a backfill remembers the number of its run, also after retention has deleted the run.
alter table backfill_run drop constraint backfill_run_dag_run_id_fkey;
drop index backfill_run_of_run;

-- The run of an interval belongs to the DAG already; a second check of each row of a million is not worth its time.
alter table dag_run_interval drop constraint dag_run_interval_dag_id_fkey;
