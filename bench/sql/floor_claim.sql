with chosen as (
  select id from floor_ready order by id limit $1 for update skip locked
), taken as (
  delete from floor_ready r using chosen where r.id = chosen.id returning r.id
)
update floor_instance i set state = 'running', started_at = now() from taken where i.id = taken.id
returning i.id
