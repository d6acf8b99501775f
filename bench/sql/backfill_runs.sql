with made as (
  insert into dag_run (
    dag_id, dag_version_id, run_id, run_type, triggered_by, run_after, logical_date, data_interval_start,
    data_interval_end
  )
  select d.dag_id, d.dag_version_id, 'backfill__bench_' || n, 'backfill', 'bench', t, t, t, t + interval '1 minute'
  from dag d, generate_series(1, $2::int) n
  cross join lateral (select date_trunc('minute', now()) - n * interval '1 minute' as t) x
  where d.dag_id = $1
  returning dag_id, data_interval_start, data_interval_end, dag_run_id
)
insert into dag_run_interval (dag_id, interval_start, interval_end, dag_run_id)
select dag_id, data_interval_start, data_interval_end, dag_run_id from made
