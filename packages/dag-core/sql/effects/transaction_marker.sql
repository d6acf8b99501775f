-- name: MarkerLimitWaits :exec
-- Neither this transaction nor one that waits for its marker may hang for ever.
select
  set_config('lock_timeout', @lock_timeout::text, true),
  set_config('idle_in_transaction_session_timeout', @idle_timeout::text, true);

-- name: MarkerTake :many
-- A row: this transaction is to be run. No row: this clear of the task, or a later one, has committed it.
insert into tidemill_effects.transaction_marker as marker
  (installation_id, dag_id, run_id, task_id, map_index, name, clear_number)
values
  (@installation_id::text, @dag_id::text, @run_id::text, @task_id::text, @map_index::integer, @name::text, @clear_number::integer)
on conflict (installation_id, dag_id, run_id, task_id, map_index, name) do update
  set clear_number = excluded.clear_number, result = null, written_at = now()
  where marker.clear_number < excluded.clear_number
returning clear_number;

-- name: MarkerGet :one
-- Who has committed it, and with what result.
select clear_number, result::text as result
from tidemill_effects.transaction_marker
where installation_id = @installation_id::text
  and dag_id = @dag_id::text
  and run_id = @run_id::text
  and task_id = @task_id::text
  and map_index = @map_index::integer
  and name = @name::text;

-- name: MarkerSetResult :exec
-- Keeps what the function returned, for the tries that come after the commit.
update tidemill_effects.transaction_marker
set result = @result::json
where installation_id = @installation_id::text
  and dag_id = @dag_id::text
  and run_id = @run_id::text
  and task_id = @task_id::text
  and map_index = @map_index::integer
  and name = @name::text;

-- name: MarkerLockCreation :exec
-- "if not exists" does not keep two creators apart.
select pg_advisory_xact_lock(hashtextextended('tidemill_effects.transaction_marker', 0));
