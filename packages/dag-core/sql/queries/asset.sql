-- name: AssetUpdate :exec
-- Stores updates that tasks made, and leaves each to the DAGs that wait for it; in the transaction of their end.
with updated as (
  insert into asset_event (
    asset, dag_run_id, data_interval_start, data_interval_end, dag_id, run_id, task_id, updated_by)
  select u.asset, u.dag_run_id, u.data_interval_start, u.data_interval_end, u.dag_id, u.run_id,
    u.task_id, u.updated_by
  from jsonb_to_recordset(@updates::jsonb) as u (
    asset text, dag_run_id bigint, data_interval_start timestamptz, data_interval_end timestamptz,
    dag_id text, run_id text, task_id text, updated_by text)
  returning asset_event_id, asset
)
insert into asset_pending (dag_id, asset, asset_event_id)
select c.dag_id, c.asset, u.asset_event_id
from updated u
join asset_consumer c using (asset);

-- name: AssetUpdateFromOutside :one
-- An update that no task made.
select update_asset(@asset::text, @payload::jsonb, @updated_by::text) as asset_event_id;

-- name: AssetConsumerReplace :exec
-- The assets that the DAGs given are scheduled by, and only those; DAGs that no file declares wait for none.
with wanted as (
  select w.asset, w.dag_id, w.needs_all
  from jsonb_to_recordset(@consumers::jsonb) as w (asset text, dag_id text, needs_all boolean)
), gone as (
  delete from asset_consumer c
  using dag d
  where d.dag_id = c.dag_id
    and (not d.is_present or c.dag_id = any(@dag_ids::text[]))
    and not exists (select from wanted w where w.asset = c.asset and w.dag_id = c.dag_id)
  returning c.asset, c.dag_id
), dropped as (
  delete from asset_pending p
  using gone g
  where p.dag_id = g.dag_id and p.asset = g.asset
)
insert into asset_consumer (asset, dag_id, needs_all)
select w.asset, w.dag_id, w.needs_all
from wanted w
order by w.asset, w.dag_id
on conflict (asset, dag_id) do update set needs_all = excluded.needs_all
  where asset_consumer.needs_all <> excluded.needs_all;

-- name: AssetDue :many
-- DAGs whose assets were updated as their schedules ask and that may have one more run; besides those looked at already.
select dag_id
from asset_due
where dag_id <> all(@besides::text[])
order by dag_id
limit @max_dags::integer;

-- name: AssetTake :many
-- Takes the updates that wait for a DAG, if they are all that it needs; its lock is held, so that each is taken once.
with taken as (
  delete from asset_pending p
  where p.dag_id = @dag_id::text
    and not exists (
      select
      from asset_consumer c
      where c.dag_id = p.dag_id
        and c.needs_all
        and not exists (select from asset_pending a where a.dag_id = c.dag_id and a.asset = c.asset))
  returning p.asset_event_id
)
select e.asset_event_id, e.data_interval_start, e.data_interval_end
from taken
join asset_event e using (asset_event_id)
order by e.asset_event_id;

-- name: AssetRunLink :exec
-- The updates that a run was made for.
insert into dag_run_asset_event (dag_run_id, asset_event_id)
select @dag_run_id::bigint, e.asset_event_id
from unnest(@asset_event_ids::bigint[]) as e (asset_event_id);

-- name: AssetEventsOfRuns :many
-- The updates that runs were made for, of each run the newest thousand, oldest first.
select r.dag_run_id, e.asset_event_id, e.asset, e.payload, e.dag_id, e.run_id, e.task_id,
  e.data_interval_start, e.data_interval_end, e.updated_at
from unnest(@dag_run_ids::bigint[]) as r (dag_run_id)
cross join lateral (
  select x.asset_event_id, x.asset, x.payload, x.dag_id, x.run_id, x.task_id,
    x.data_interval_start, x.data_interval_end, x.updated_at
  from dag_run_asset_event l
  join asset_event x using (asset_event_id)
  where l.dag_run_id = r.dag_run_id
  order by l.asset_event_id desc
  limit 1000) e
order by r.dag_run_id, e.asset_event_id;

-- name: AssetEventExpire :exec
-- Deletes old updates that no run that is kept was made for and none waits for, in slices.
delete from asset_event
where asset_event_id in (
  select e.asset_event_id
  from asset_event e
  where e.updated_at < now() - @run_days::integer * interval '1 day'
    and not exists (select from asset_pending p where p.asset_event_id = e.asset_event_id)
    and not exists (select from dag_run_asset_event l where l.asset_event_id = e.asset_event_id)
  order by e.asset_event_id
  limit 2000);

-- name: AssetList :many
-- The assets that DAGs update or are scheduled by, with their last update and how many wait for runs.
with named as (
  select o.asset, array_agg(distinct d.dag_id || '.' || (t.task ->> 'taskId')) as producers
  from dag d
  join dag_version v using (dag_version_id)
  cross join lateral jsonb_array_elements(v.manifest -> 'tasks') as t (task)
  cross join lateral jsonb_array_elements_text(t.task -> 'outlets') as o (asset)
  where d.is_present
  group by o.asset
), consumed as (
  select asset, array_agg(dag_id order by dag_id) as consumers
  from asset_consumer
  group by asset
)
select coalesce(n.asset, c.asset) as asset, coalesce(n.producers, '{}') as producers,
  coalesce(c.consumers, '{}') as consumers, e.updated_at, e.updated_by,
  (select count(*) from asset_pending p where p.asset = coalesce(n.asset, c.asset))::integer as pending
from named n
full join consumed c on c.asset = n.asset
left join lateral (
  select x.updated_at, x.updated_by
  from asset_event x
  where x.asset = coalesce(n.asset, c.asset)
  order by x.asset_event_id desc
  limit 1) e on true
order by 1;
