create view asset_due as
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
  select from dag d where d.dag_id = p.dag_id and d.is_present and not d.is_paused limit 1) d
where not exists (
  select
  from asset_consumer c
  where c.dag_id = p.dag_id
    and c.needs_all
    and not exists (select from asset_pending a where a.dag_id = c.dag_id and a.asset = c.asset));
comment on view asset_due is 'DAGs whose assets were updated as their schedules ask, by a skip scan: one index probe for each that has updates.';
