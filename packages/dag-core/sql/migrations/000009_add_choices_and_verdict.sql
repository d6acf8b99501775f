--! breaking
alter table task_instance add column choices text[];
update task_instance set choices = array[choice] where choice is not null;
alter table task_instance drop column choice;
comment on column task_instance.choices is 'Cases that a branch chose; empty where nothing follows, also after a short circuit that answered false.';

alter table dag_run add column verdict text, add column verdict_reason text,
  add constraint dag_run_verdict_known check (verdict in ('failed', 'cancelled')),
  add constraint dag_run_verdict_before_end check (verdict is null or ended_at is null);
comment on column dag_run.verdict is 'How a run ends that was stopped, once its teardowns have run.';
