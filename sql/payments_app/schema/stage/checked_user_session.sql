-- target: stage.checked_user_session
-- grain: one row of stage.user_session with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.user_session, stage.known_users
-- params: none
create or replace view stage.checked_user_session as
select
  s.stage_id,
  case
    when s.session_id is null then 'session_id_missing'
    when etl.is_moment(s.started_at) is not true then 'started_at_invalid'
    when etl.is_moment(s.ended_at) is false then 'ended_at_invalid'
    when s.ended_at::timestamptz < s.started_at::timestamptz then 'ended_before_started'
    when u.user_id is null then 'user_unknown'
  end as reason_code
from stage.user_session s
left join stage.known_users u on u.user_id = s.user_id;
