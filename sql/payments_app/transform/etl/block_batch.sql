-- target: etl.blocked_batch
-- grain: one batch that a critical check stopped
-- keys: batch_dt
-- reads: nothing
-- params: batch_dt, run_id, problems
insert into etl.blocked_batch (batch_dt, run_id, problems)
values (@batch_dt::date, @run_id::text, @problems::jsonb)
on conflict (batch_dt) do update set
  run_id = excluded.run_id,
  problems = excluded.problems,
  blocked_at = now(),
  resumed_at = null,
  note = null;
