-- target: stage.checked_app_user
-- grain: one row of stage.app_user with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.app_user, etl.allowed_code
-- params: none
create or replace view stage.checked_app_user as
select
  stage_id,
  case
    when etl.is_valid(user_id, 'bigint') is not true then 'user_id_invalid'
    when etl.is_valid(registered_at, 'timestamp') is not true then 'registered_at_invalid'
    when etl.is_valid(birth_date, 'date') is false then 'birth_date_invalid'
    when etl.is_valid(blocked_at, 'timestamp') is false then 'blocked_at_invalid'
    when gender is not null
      and gender not in (select code from etl.allowed_code where domain = 'gender')
      then 'gender_unknown'
  end as reason_code
from stage.app_user;
