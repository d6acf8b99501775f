-- target: stage.app_event
-- grain: events of the window
-- keys: event_id
-- reads: app_event of its source, in words that MySQL, PostgreSQL and Oracle share
-- params: from, to
select event_id, user_id, session_id, event_ts, event_name, screen, product_code, props
from app_event
where event_ts >= @from and event_ts < @to
