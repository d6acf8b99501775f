-- target: stage.checked_contract
-- grain: one row of stage.contract with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.contract
-- params: none
create or replace view stage.checked_contract as
select
  stage_id,
  case
    when etl.is_bigint(contract_id) is not true then 'contract_id_invalid'
    when etl.is_money(monthly_fee) is not true then 'monthly_fee_invalid'
    when etl.is_day(signed_at) is not true then 'signed_at_invalid'
    when etl.is_day(valid_to) is false then 'valid_to_invalid'
    when etl.is_bigint(legal_id) is not true then 'legal_id_invalid'
    when not exists (select 1 from stage.legal_client l where l.legal_id = c.legal_id)
      and not exists (
        select 1
        from dimention.dim_client d
        where d.client_type = 'legal' and d.is_current and d.src_id::text = c.legal_id
      )
      then 'legal_client_unknown'
  end as reason_code
from stage.contract c;
