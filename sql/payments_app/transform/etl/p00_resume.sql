-- target: etl.p00_resume
-- grain: one blocked batch that a person has seen to
-- keys: batch_dt
-- reads: etl.blocked_batch
-- params: p_batch_dt, p_run_id, p_note, p_accepted
create or replace procedure etl.p00_resume(
  p_batch_dt date, p_run_id text, p_note text, p_accepted text[]
)
language plpgsql
as $$
begin
  update etl.blocked_batch
  set resumed_at = now(), note = p_note, accepted = p_accepted
  where batch_dt = p_batch_dt and resumed_at is null;
  if not found then
    raise exception 'Batch "%" is not blocked; see etl.blocked_batch for those that are', p_batch_dt;
  end if;
  insert into etl.run_log (run_id, pipeline, task, business_dt, started_at, finished_at, status)
  values (p_run_id, 'payments_app', 'resume', p_batch_dt, now(), now(), 'resumed');
end
$$;
