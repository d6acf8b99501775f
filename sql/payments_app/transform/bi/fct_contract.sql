-- target: bi.fct_contract
-- grain: one contract of a legal client
-- keys: contract_id
-- reads: stage.contract, dimention.dim_client, dimention.dim_tariff
-- params: none
create or replace procedure etl.p05_fct_contract()
language sql
as $$
  insert into bi.fct_contract as t (
    contract_id, client_sk, tariff_sk, package_code, monthly_fee, signed_at, valid_to
  )
  select distinct on (s.contract_id::bigint)
    s.contract_id::bigint, c.client_sk, f.tariff_sk, s.package_code, s.monthly_fee::numeric,
    s.signed_at::date, s.valid_to::date
  from stage.contract s
  join dimention.dim_client c on c.client_type = 'legal'
    and c.src_id = s.legal_id::bigint
    and c.is_current
  left join dimention.dim_tariff f on f.tariff_code = s.tariff_code
  order by s.contract_id::bigint, s.stage_id desc
  on conflict (contract_id) do update set
    client_sk = excluded.client_sk, tariff_sk = excluded.tariff_sk,
    package_code = excluded.package_code, monthly_fee = excluded.monthly_fee,
    signed_at = excluded.signed_at, valid_to = excluded.valid_to;
$$;
