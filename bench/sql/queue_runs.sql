insert into dag_run (
  dag_id, dag_version_id, run_id, run_type, triggered_by, run_after, data_interval_start, data_interval_end
)
select d.dag_id, d.dag_version_id, 'manual__bench_' || n, 'manual', 'bench', now(), now(), now()
from dag d, generate_series(1, $2::int) n
where d.dag_id = $1
