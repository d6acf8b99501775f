-- target: none, it says how a moment lies to the hours of quiet
-- grain: one row
-- keys: none
-- reads: nothing
-- params: at, zone
with moment as (
  select @at::timestamptz as at, @at::timestamptz at time zone @zone::text as local
)
select
  local::date as local_day,
  local::time < time '09:00' or local::time >= time '21:00' as is_quiet,
  case
    when local::time < time '09:00' then (local::date + time '09:00') at time zone @zone::text
    when local::time >= time '21:00' then (local::date + 1 + time '09:00') at time zone @zone::text
    else at
  end as next_allowed_at
from moment;
