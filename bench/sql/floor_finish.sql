with done as (
  update floor_instance set state = 'success', ended_at = now()
  where id = any ($1::bigint[]) and state = 'running'
  returning id, run_id, started_at
), logged as (
  insert into floor_try (instance_id, state, started_at, ended_at) select id, 'success', started_at, now() from done
)
select id, run_id from done
