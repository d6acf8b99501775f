-- name: PoolSet :one
-- Creates a pool or changes it; an empty description leaves the one it has.
insert into pool (pool, slots, description)
values (@pool::text, @slots::integer, coalesce(@description::text, ''))
on conflict (pool) do update
  set slots = excluded.slots, description = coalesce(@description::text, pool.description)
returning pool, slots, description;

-- name: PoolWants :many
-- Tasks that ask for more slots of a pool than it is to have.
select d.dag_id, t.task ->> 'taskId' as task_id, (t.task ->> 'poolSlots')::integer as pool_slots
from dag d
join dag_version v using (dag_version_id)
cross join lateral jsonb_array_elements(v.manifest -> 'tasks') as t (task)
where d.is_present
  and t.task ->> 'pool' = @pool::text
  and (t.task ->> 'poolSlots')::integer > @slots::integer
order by d.dag_id, task_id
limit 1;

-- name: PoolSlots :many
-- The caps of the pools.
select pool, slots from pool order by pool;

-- name: PoolList :many
-- Pools with what they hold now and what waits for them.
select p.pool, p.slots, p.description,
  coalesce(h.taken, 0)::integer as taken,
  coalesce(h.tasks, 0)::integer as running,
  coalesce(w.waiting, 0)::integer as waiting
from pool p
left join (
  select h.name, sum(h.slots) as taken, count(*) as tasks
  from limit_holder h
  join task_instance i using (task_instance_id)
  where h.kind = 'pool' and i.state in ('queued', 'running')
  group by h.name
) h on h.name = p.pool
left join (
  select substr(l.name, 6) as pool, count(*) as waiting
  from task_ready r
  cross join lateral unnest(r.limits) as l (name)
  where l.name like 'pool:%'
  group by 1
) w on w.pool = p.pool
order by p.pool;
