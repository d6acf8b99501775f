with made as (
  insert into floor_instance (id, run_id, state, started_at)
  select n, n % $2::int, case when n = $1::int then 'running' else 'none' end, now()
  from generate_series(0, $1::int) n
  returning id
)
insert into floor_ready (id) select id from made where id < $1::int
