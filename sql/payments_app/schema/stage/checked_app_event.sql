-- target: stage.checked_app_event
-- grain: one row of stage.app_event with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.app_event, stage.known_users
-- params: none
create or replace view stage.checked_app_event as
select
  e.stage_id,
  case
    when etl.is_bigint(e.event_id) is not true then 'event_id_invalid'
    when etl.is_moment(e.event_ts) is not true then 'event_ts_invalid'
    when e.event_name is null then 'event_name_missing'
    when etl.is_valid(e.props, 'json') is false then 'props_invalid'
    when e.user_id is not null and u.user_id is null then 'user_unknown'
  end as reason_code
from stage.app_event e
left join stage.known_users u on u.user_id = e.user_id;
