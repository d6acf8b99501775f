-- target: payments_mart.merchant
-- grain: one merchant
-- keys: merchant_id
-- reads: dimention.dim_merchant
-- params: none
select
  merchant_id,
  coalesce(legal_id, 0),
  coalesce(name, ''),
  coalesce(vertical, ''),
  coalesce(subtype, ''),
  coalesce(brand, ''),
  coalesce(chain, ''),
  coalesce(region, '')
from dimention.dim_merchant
