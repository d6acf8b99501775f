-- target: payments_mart.client
-- grain: one person
-- keys: client_id
-- reads: dimention.dim_client
-- params: none
select
  src_id,
  coalesce(region, ''),
  coalesce(city, ''),
  coalesce(gender, ''),
  coalesce(channel, ''),
  etl.day_of(registered_at),
  etl.day_of(closed_at)
from dimention.dim_client
where client_type = 'person' and is_current
