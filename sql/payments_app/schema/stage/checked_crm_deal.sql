-- target: stage.checked_crm_deal
-- grain: one row of stage.crm_deal with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.crm_deal
-- params: none
create or replace view stage.checked_crm_deal as
select
  stage_id,
  case
    when etl.is_valid(id, 'bigint') is not true then 'id_invalid'
    when etl.is_valid(company_id, 'bigint') is false then 'company_id_invalid'
    when etl.is_valid(amount, 'money') is false then 'amount_invalid'
    when etl.is_valid(opened_at, 'timestamp') is false then 'opened_at_invalid'
    when etl.is_valid(closed_at, 'timestamp') is false then 'closed_at_invalid'
  end as reason_code
from stage.crm_deal;
