-- target: a chart: active, new, returning and churned users by day (line)
-- grain: one row for each event_date
-- keys: event_date
-- reads: data_mart.active_users_7d
-- params: none
select event_date, active_users_count, new_users, returning_users, churned_users, reactivated_users, dau
from data_mart.active_users_7d
order by event_date;
