with done as (
  update floor_instance set state = 'success', ended_at = now() where id = $1 and state = 'running' returning id, started_at
), logged as (
  insert into floor_try (instance_id, state, started_at, ended_at) select id, 'success', started_at, now() from done
)
update floor_instance set state = 'running', started_at = now() where id = $1 + 1 and state = 'none'
