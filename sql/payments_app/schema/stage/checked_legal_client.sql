-- target: stage.checked_legal_client
-- grain: one row of stage.legal_client with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.legal_client, etl.allowed_code
-- params: none
create or replace view stage.checked_legal_client as
select
  stage_id,
  case
    when etl.is_valid(legal_id, 'bigint') is not true then 'legal_id_invalid'
    when etl.is_valid(registered_at, 'timestamp') is not true then 'registered_at_invalid'
    when etl.is_valid(closed_at, 'timestamp') is false then 'closed_at_invalid'
    when size_class is not null
      and size_class not in (select code from etl.allowed_code where domain = 'size_class')
      then 'size_class_unknown'
  end as reason_code
from stage.legal_client;
