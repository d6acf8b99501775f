create index backfill_run_of_run on backfill_run (dag_run_id) where dag_run_id is not null;
create index limit_holder_of_instance on limit_holder (task_instance_id);
