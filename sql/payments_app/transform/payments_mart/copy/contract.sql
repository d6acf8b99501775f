-- target: payments_mart.contract
-- grain: one contract
-- keys: contract_id
-- reads: bi.fct_contract, dimention.dim_client, dimention.dim_tariff
-- params: none
select
  f.contract_id,
  c.src_id,
  coalesce(t.tariff_code, ''),
  coalesce(f.package_code, ''),
  f.monthly_fee,
  f.signed_at,
  f.valid_to
from bi.fct_contract f
join dimention.dim_client c using (client_sk)
left join dimention.dim_tariff t using (tariff_sk)
