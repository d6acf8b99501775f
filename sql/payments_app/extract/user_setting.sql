-- target: stage.user_setting
-- grain: settings changed in the window
-- keys: user_id, name
-- reads: user_setting of its source, in words that MySQL, PostgreSQL and Oracle share
-- params: from, to
select user_id, name, value, updated_at
from user_setting
where updated_at >= @from and updated_at < @to
