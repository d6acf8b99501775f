-- target: stage.checked_ref_merchant
-- grain: one row of stage.ref_merchant with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.ref_merchant, etl.allowed_code
-- params: none
create or replace view stage.checked_ref_merchant as
select
  stage_id,
  case
    when etl.is_bigint(merchant_id) is not true then 'merchant_id_invalid'
    when etl.is_bigint(legal_id) is false then 'legal_id_invalid'
    when vertical is null
      or vertical not in (select code from etl.allowed_code where domain = 'vertical')
      then 'vertical_unknown'
    when subtype is null
      or subtype not in (select code from etl.allowed_code where domain = 'subtype')
      then 'subtype_unknown'
  end as reason_code
from stage.ref_merchant;
