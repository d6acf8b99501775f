-- target: stage.checked_crm_lead
-- grain: one row of stage.crm_lead with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.crm_lead
-- params: none
create or replace view stage.checked_crm_lead as
select
  stage_id,
  case
    when etl.is_bigint(id) is not true then 'id_invalid'
    when etl.is_moment(created_at) is not true then 'created_at_invalid'
  end as reason_code
from stage.crm_lead;
