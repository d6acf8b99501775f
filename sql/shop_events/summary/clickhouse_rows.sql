-- target: none, it counts
-- grain: one mart
-- keys: table_name
-- reads: data_mart
-- params: none
select 'data_mart.daily_business_summary' as table_name, count() as row_count
from data_mart.daily_business_summary
union all
select 'data_mart.product_performance', count() from data_mart.product_performance
union all
select 'data_mart.category_performance', count() from data_mart.category_performance
union all
select 'data_mart.user_engagement', count() from data_mart.user_engagement
union all
select 'data_mart.active_users_7d', count() from data_mart.active_users_7d
union all
select 'data_mart.session_analytics', count() from data_mart.session_analytics
union all
select 'data_mart.campaign_performance', count() from data_mart.campaign_performance
union all
select 'data_mart.geo_analysis', count() from data_mart.geo_analysis
union all
select 'data_mart.device_analysis', count() from data_mart.device_analysis
union all
select 'data_mart.weather_visits', count() from data_mart.weather_visits
