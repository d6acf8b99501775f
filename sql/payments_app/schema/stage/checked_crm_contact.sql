-- target: stage.checked_crm_contact
-- grain: one row of stage.crm_contact with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.crm_contact
-- params: none
create or replace view stage.checked_crm_contact as
select
  stage_id,
  case when etl.is_bigint(id) is not true then 'id_invalid' end as reason_code
from stage.crm_contact;
