-- target: stage.checked_app_user
-- grain: one row of stage.app_user with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.app_user, etl.allowed_code
-- params: none
create or replace view stage.checked_app_user as
select
  stage_id,
  case
    when etl.is_bigint(user_id) is not true then 'user_id_invalid'
    when etl.is_moment(registered_at) is not true then 'registered_at_invalid'
    when etl.is_day(birth_date) is false then 'birth_date_invalid'
    when etl.is_moment(blocked_at) is false then 'blocked_at_invalid'
    when gender is not null
      and gender not in (select code from etl.allowed_code where domain = 'gender')
      then 'gender_unknown'
  end as reason_code
from stage.app_user;
