-- target: stage.checked_legal_client
-- grain: one row of stage.legal_client with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.legal_client, etl.allowed_code
-- params: none
create or replace view stage.checked_legal_client as
select
  stage_id,
  case
    when etl.is_bigint(legal_id) is not true then 'legal_id_invalid'
    when etl.is_moment(registered_at) is not true then 'registered_at_invalid'
    when etl.is_moment(closed_at) is false then 'closed_at_invalid'
    when size_class is not null
      and size_class not in (select code from etl.allowed_code where domain = 'size_class')
      then 'size_class_unknown'
  end as reason_code
from stage.legal_client;
