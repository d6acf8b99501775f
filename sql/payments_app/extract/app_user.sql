-- target: stage.app_user
-- grain: all users; those that have not changed are taken out after
-- keys: user_id
-- reads: app_user of its source, in words that MySQL, PostgreSQL and Oracle share
-- params: none
select
  user_id, full_name, to_char(birth_date, 'YYYY-MM-DD') as birth_date, gender, address, channel,
  registered_at, blocked_at
from app_user
