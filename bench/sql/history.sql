with run as (
  insert into dag_run (
    dag_id, dag_version_id, run_id, run_type, state, triggered_by, run_after, data_interval_start, data_interval_end,
    queued_at, started_at, ended_at
  )
  select d.dag_id, d.dag_version_id, 'manual__history_' || n, 'manual', 'success', 'bench', t, t, t, t, t, t
  from generate_series($1::int, $2::int - 1) n
  join (select dag_id, dag_version_id, row_number() over (order by dag_id) - 1 as place, count(*) over () as dags from dag) d
    on d.place = n % d.dags
  cross join lateral (select now() - interval '90 days' + n * interval '10 seconds' as t) x
  returning dag_run_id, ended_at
)
insert into task_instance (dag_run_id, task_id, state, try_number, ready_at, started_at, ended_at)
select r.dag_run_id, 'task_' || n, 'success', 1, r.ended_at, r.ended_at, r.ended_at
from run r, generate_series(1, 10) n
