-- target: payments_mart.channel_roi
-- grain: one channel in a month
-- keys: month, channel
-- reads: payments_mart.client, payments_mart.client_ltv, payments_mart.ad_spend
-- params: none
select
  month,
  channel,
  sum(spend) as spend,
  sum(installs) as installs,
  sum(new_users) as new_users,
  sum(first_payers) as first_payers,
  if(new_users = 0, null, round(toDecimal128(spend, 12) / new_users, 2)) as cac,
  if(first_payers = 0, null, round(toDecimal128(spend, 12) / first_payers, 2)) as paying_cac,
  sum(revenue) as revenue,
  if(spend = 0, null, round(toDecimal128(revenue - spend, 12) / spend, 3)) as romi,
  if(spend = 0, null, round(toDecimal128(revenue, 12) / spend, 3)) as ltv_cac
from (
  select
    toStartOfMonth(c.registered_date) as month, toString(c.channel) as channel,
    toDecimal64(0, 2) as spend, toUInt64(0) as installs, toUInt64(1) as new_users,
    toUInt64(0) as first_payers, l.ltv as revenue
  from payments_mart.client as c
  join payments_mart.client_ltv as l on l.client_id = c.client_id
  union all
  select
    toStartOfMonth(assumeNotNull(first_payment)), toString(channel), toDecimal64(0, 2), 0, 0, 1,
    toDecimal64(0, 2)
  from payments_mart.client_ltv
  where first_payment is not null
  union all
  select toStartOfMonth(date), toString(channel), spend_byn, installs, 0, 0, toDecimal64(0, 2)
  from payments_mart.ad_spend
) as merged
group by month, channel
