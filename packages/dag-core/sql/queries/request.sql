-- name: RequestTake :one
-- The oldest request that nobody else is carrying out, those of one DAG in their order; locked until it is done.
select q.request_id, q.verb, q.dag_id, q.run_id, q.actor, q.why, q.options, q.requested_at
from request q
where not exists (
  select from request e where e.dag_id = q.dag_id and e.request_id < q.request_id)
order by q.request_id
limit 1
for update of q skip locked;

-- name: RequestDone :one
-- Takes a request away that was carried out or refused; no row if somebody else has done so.
delete from request
where request_id = @request_id::bigint
returning request_id;

-- name: RequestPauseFailing :exec
-- Asks that DAGs are paused whose runs fail in a row: under the lock of a run nobody may lock its DAG.
insert into request (verb, dag_id, actor)
select 'pause_failing', d.dag_id, 'tidemill'
from unnest(@dag_ids::text[]) as d (dag_id);

-- name: RequestLastRuns :many
-- The last runs of a DAG that came to an end by themselves, by the time from which they might start.
select run_id, state
from dag_run
where dag_id = @dag_id::text and state in ('success', 'failed')
order by run_after desc, dag_run_id desc
limit @max_runs::integer;
