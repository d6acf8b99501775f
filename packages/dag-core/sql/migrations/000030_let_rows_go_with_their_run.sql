-- The check of a reference is a query and a lock for each row, three of them for each mapped task. Whoever writes these
-- rows holds the lock of their run, without which no run is deleted: what they refer to is there. Their end is a trigger.
-- All at once and runs first, in the order in which the engine takes them.
lock table dag_run, task_instance, task_ready, limit_holder, xcom in access exclusive mode;
alter table task_instance drop constraint task_instance_dag_run_id_fkey;
alter table task_ready drop constraint task_ready_task_instance_id_fkey;
alter table limit_holder drop constraint limit_holder_task_instance_id_fkey;
alter table xcom drop constraint xcom_task_instance_id_fkey;

create function dag_run_take_along() returns trigger language plpgsql set search_path from current as $$
begin
  delete from task_instance where dag_run_id = any(array(select g.dag_run_id from gone g));
  return null;
end $$;
comment on function dag_run_take_along is 'Deletes the task instances of runs that are deleted.';
create trigger dag_run_gone after delete on dag_run
  referencing old table as gone for each statement execute function dag_run_take_along();

create function task_instance_take_along() returns trigger language plpgsql set search_path from current as $$
declare
  ids bigint[] := array(select g.task_instance_id from gone g);
begin
  delete from task_ready where task_instance_id = any(ids);
  delete from limit_holder where task_instance_id = any(ids);
  delete from xcom where task_instance_id = any(ids);
  return null;
end $$;
comment on function task_instance_take_along is 'Deletes what stands ready, what is held and what was put out by task instances that are deleted.';
create trigger task_instance_gone after delete on task_instance
  referencing old table as gone for each statement execute function task_instance_take_along();
