insert into dag_run (
  dag_id, dag_version_id, run_id, run_type, triggered_by, run_after, data_interval_start, data_interval_end
)
select d.dag_id, d.dag_version_id, 'manual__' || extract(epoch from clock_timestamp())::text || '_' || n, 'manual',
  'bench', now(), now(), now()
from dag d, generate_series($2::int + 1, $2::int + $3::int) n
where d.dag_id = $1
  and (select count(*) from dag_run where state in ('queued', 'running')) < $4::int
