-- target: a chart: the most engaged users
-- grain: one row for each user_id
-- keys: user_id
-- reads: data_mart.user_engagement
-- params: none
select user_id, sessions_count, avg_session_duration_seconds, avg_pages_per_session, total_revenue
from data_mart.user_engagement
order by total_revenue desc, user_id
limit 100;
