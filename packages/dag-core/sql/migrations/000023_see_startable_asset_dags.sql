create or replace view asset_due as
with recursive pending as (
  (select a.dag_id from asset_pending a order by a.dag_id limit 1)
  union all
  select n.dag_id
  from pending p
  cross join lateral (
    select a.dag_id from asset_pending a where a.dag_id > p.dag_id order by a.dag_id limit 1) n
)
select p.dag_id
from pending p
cross join lateral (
  select from dag d
  where d.dag_id = p.dag_id and d.is_present and not d.is_paused
    and (d.next_run_after is null or d.next_run_after <= now())
  limit 1) d
where not exists (
  select
  from asset_consumer c
  where c.dag_id = p.dag_id
    and c.needs_all
    and not exists (select from asset_pending a where a.dag_id = c.dag_id and a.asset = c.asset))
  and not exists (
    select
    from "limit" l
    where l.kind = 'dag_runs' and l.name = p.dag_id and l.capacity >= 0
      and l.capacity <= (
        select count(*)
        from (
          (select 1 from dag_run r
           where r.dag_id = p.dag_id and r.backfill_id is null and r.state = 'running'
           limit l.capacity)
          union all
          (select 1 from dag_run r
           where r.dag_id = p.dag_id and coalesce(r.backfill_id, 0) = 0 and r.state = 'queued'
           limit l.capacity)
        ) active));
comment on view asset_due is 'DAGs whose assets were updated as their schedules ask, that have a place for one more active run and were not put off; by a skip scan: one index probe for each that has updates.';
