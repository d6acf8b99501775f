-- Finished instances with their history, under ids below zero.
with made as (
  insert into floor_instance (id, run_id, state, started_at, ended_at)
  select -n, n % 10, 'success', now(), now()
  from generate_series($1::int + 1, $2::int) n
  returning id
)
insert into floor_try (instance_id, state, started_at, ended_at)
select id, 'success', now(), now()
from made
