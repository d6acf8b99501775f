-- target: a chart: what campaigns cost and bring in
-- grain: one row for each campaign_id
-- keys: campaign_id
-- reads: data_mart.campaign_performance
-- params: none
select campaign_id, campaign_name, cost, total_revenue, total_orders, conversion_rate, roi
from data_mart.campaign_performance
order by roi desc, campaign_id;
