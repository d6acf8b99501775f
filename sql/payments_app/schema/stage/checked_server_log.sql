-- target: stage.checked_server_log
-- grain: one row of stage.server_log with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.server_log, etl.allowed_code
-- params: none
create or replace view stage.checked_server_log as
select
  stage_id,
  case
    when etl.is_moment(logged_at) is not true then 'line_unreadable'
    when level not in (select code from etl.allowed_code where domain = 'log_level')
      then 'level_unknown'
  end as reason_code
from stage.server_log;
