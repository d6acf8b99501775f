-- The most task instances of each group whose code ran at the same time, by the begins and ends of their tries.
with moment as (
  select substring(dag_id from $1) as place, started_at as at, 1 as step from task_try where dag_id like 'held%'
  union all
  select substring(dag_id from $1), ended_at, -1 from task_try where dag_id like 'held%'
), running as (
  select sum(step) over (partition by place order by at, step) as at_once from moment
)
select coalesce(max(at_once), 0)::int as most from running
