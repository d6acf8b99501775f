-- target: stage.user_session
-- grain: sessions that began or ended in the window
-- keys: session_id
-- reads: user_session of its source, in words that MySQL, PostgreSQL and Oracle share
-- params: from, to
select session_id, user_id, started_at, ended_at, platform, app_version
from user_session
where (started_at >= @from and started_at < @to) or (ended_at >= @from and ended_at < @to)
