-- target: stage.checked_user_setting
-- grain: one row of stage.user_setting with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.user_setting, stage.known_users
-- params: none
create or replace view stage.checked_user_setting as
select
  s.stage_id,
  case
    when s.name is null then 'name_missing'
    when u.user_id is null then 'user_unknown'
  end as reason_code
from stage.user_setting s
left join stage.known_users u on u.user_id = s.user_id;
