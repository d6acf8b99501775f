-- target: payments_mart.legal
-- grain: one legal client
-- keys: legal_id
-- reads: dimention.dim_client
-- params: none
select
  src_id,
  coalesce(industry, ''),
  coalesce(size_class, ''),
  etl.day_of(registered_at),
  etl.day_of(closed_at)
from dimention.dim_client
where client_type = 'legal' and is_current
