with ended as (
  select floor(extract(epoch from ended_at - $1::timestamptz) * 2) as place, count(*) as tasks
  from task_try where state = 'success'
  group by 1
), usual as (
  select percentile_cont(0.5) within group (order by tasks) as tasks from ended where place between -8 and -1
)
select min(place + 1)::float8 / 2 as seconds
from ended, usual
where place >= 0 and ended.tasks >= usual.tasks * $2::float8
