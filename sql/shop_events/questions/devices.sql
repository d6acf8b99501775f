-- target: a chart: sessions and revenue by device (pie)
-- grain: one row for each device_type
-- keys: device_type
-- reads: data_mart.device_analysis
-- params: none
select device_type, sum(total_sessions) as sessions, sum(total_revenue) as revenue
from data_mart.device_analysis
group by device_type
order by sessions desc, device_type;
