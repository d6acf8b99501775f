-- target: stage.checked_crm_company
-- grain: one row of stage.crm_company with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.crm_company
-- params: none
create or replace view stage.checked_crm_company as
select
  stage_id,
  case when etl.is_bigint(id) is not true then 'id_invalid' end as reason_code
from stage.crm_company;
