-- target: stage.checked_operation_history
-- grain: one row of stage.operation_history with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.operation_history, etl.allowed_code
-- params: none
create or replace view stage.checked_operation_history as
select
  stage_id,
  case
    when etl.is_bigint(transaction_id) is not true then 'transaction_id_invalid'
    when etl.is_moment(changed_at) is not true then 'changed_at_invalid'
    when status is null
      or status not in (select code from etl.allowed_code where domain = 'status')
      then 'status_unknown'
  end as reason_code
from stage.operation_history;
