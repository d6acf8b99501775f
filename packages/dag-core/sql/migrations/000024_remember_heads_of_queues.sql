create sequence dag_run_slot;
alter table dag_run add column slot_number bigint not null default 0;
comment on column dag_run.slot_number is 'Grows with each start of a run of the DAG or backfill, under the lock of its limit; so all that run are at or after the lowest that was once seen.';

create function dag_run_take_slot() returns trigger language plpgsql as $$
begin
  new.slot_number := nextval('dag_run_slot');
  return new;
end $$;
create trigger dag_run_started before update of state on dag_run
  for each row when (new.state = 'running' and old.state <> 'running')
  execute function dag_run_take_slot();

drop index dag_run_running;
create index dag_run_running on dag_run (dag_id, coalesce(backfill_id, 0), slot_number)
  where state = 'running';
