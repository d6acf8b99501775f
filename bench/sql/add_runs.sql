-- Runs that have not ended are among the last ones: looked for by their states, those that have would be walked past.
insert into dag_run (
  dag_id, dag_version_id, run_id, run_type, triggered_by, run_after, data_interval_start, data_interval_end
)
select d.dag_id, d.dag_version_id, 'manual__' || extract(epoch from clock_timestamp())::text || '_' || n, 'manual',
  'bench', now(), now(), now()
from dag d, generate_series($2::int + 1, $2::int + $3::int) n
where d.dag_id = $1
  and (
    select count(*) from dag_run
    where dag_run_id > (select max(dag_run_id) from dag_run) - 2 * $4::int
      and coalesce(state, '') in ('queued', 'running')) < $4::int
