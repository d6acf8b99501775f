-- target: stage.checked_crm_deal
-- grain: one row of stage.crm_deal with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.crm_deal
-- params: none
create or replace view stage.checked_crm_deal as
select
  stage_id,
  case
    when etl.is_bigint(id) is not true then 'id_invalid'
    when etl.is_bigint(company_id) is false then 'company_id_invalid'
    when etl.is_money(amount) is false then 'amount_invalid'
    when etl.is_moment(opened_at) is false then 'opened_at_invalid'
    when etl.is_moment(closed_at) is false then 'closed_at_invalid'
  end as reason_code
from stage.crm_deal;
