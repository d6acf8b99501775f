-- target: the question: what did each channel cost and return
-- grain: one channel over all months
-- keys: none
-- reads: payments_mart.channel_roi
-- params: none
select
  if(channel = '', 'unknown', channel) as channel_name,
  sum(spend) as spend,
  sum(new_users) as new_users,
  sum(first_payers) as first_payers,
  round(toDecimal128(spend, 9) / nullIf(new_users, 0), 2) as cac,
  sum(revenue) as revenue,
  round(toDecimal128(revenue, 9) / nullIf(new_users, 0), 2) as ltv,
  round(toDecimal128(revenue - spend, 9) / nullIf(spend, 0), 3) as romi
from payments_mart.channel_roi
group by channel_name
order by revenue desc, channel_name
