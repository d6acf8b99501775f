-- target: payments_mart.ad_spend
-- grain: one campaign on a day
-- keys: date, channel, campaign
-- reads: bi.fct_ad_spend
-- params: none
select date, channel, campaign, spend_byn, installs
from bi.fct_ad_spend
