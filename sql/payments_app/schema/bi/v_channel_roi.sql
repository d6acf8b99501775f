-- target: bi.v_client_ltv, bi.v_channel_roi, bi.v_churn, bi.v_funnel
-- grain: a client; a month of registration and a channel; a month; a step
-- keys: client_id; month, channel; month; step
-- reads: bi.v_payment, bi.v_activity, bi.fct_ad_spend, dimention.dim_client
-- params: none
create or replace view bi.v_client_ltv as
select
  c.src_id as client_id,
  coalesce(c.channel, '') as channel,
  etl.month_of(etl.day_of(c.registered_at)) as month,
  min(p.date) as first_payment,
  max(p.date) as last_payment,
  count(p.date) as payments,
  coalesce(sum(p.amount_byn), 0) as gpv,
  coalesce(sum(p.revenue_byn), 0) as ltv
from dimention.dim_client c
left join bi.v_payment p on p.client_id = c.src_id and p.status = 'success'
where c.client_type = 'person' and c.is_current
group by 1, 2, 3;
create or replace view bi.v_channel_roi as
with acquired as (
  select month, channel, count(*) as new_users, sum(ltv) as revenue
  from bi.v_client_ltv
  group by month, channel
), paying as (
  select etl.month_of(first_payment) as month, channel, count(*) as first_payers
  from bi.v_client_ltv
  where first_payment is not null
  group by 1, 2
), spent as (
  select etl.month_of(date) as month, channel, sum(spend_byn) as spend, sum(installs) as installs
  from bi.fct_ad_spend
  group by 1, 2
), merged as (
  select
    month, channel, coalesce(spend, 0) as spend, coalesce(installs, 0) as installs,
    coalesce(new_users, 0) as new_users, coalesce(first_payers, 0) as first_payers,
    coalesce(revenue, 0) as revenue
  from acquired
  full join paying using (month, channel)
  full join spent using (month, channel)
)
select
  month, channel, spend, installs, new_users, first_payers,
  round(spend / nullif(new_users, 0), 2) as cac,
  round(spend / nullif(first_payers, 0), 2) as paying_cac,
  revenue,
  round((revenue - spend) / nullif(spend, 0), 3) as romi,
  round(revenue / nullif(spend, 0), 3) as ltv_cac
from merged;
create or replace view bi.v_churn as
with month_user as (
  select distinct etl.month_of(date) as month, client_id from bi.v_activity
)
select
  (b.month + interval '1 month')::date as month,
  count(*) as active_before,
  count(*) filter (where n.client_id is null) as lost,
  round(count(*) filter (where n.client_id is null)::numeric / count(*), 4) as churn
from month_user b
left join month_user n on n.client_id = b.client_id
  and n.month = (b.month + interval '1 month')::date
group by b.month;
create or replace view bi.v_funnel as
with success as (
  select
    client_id,
    ts,
    lead(ts) over (partition by client_id order by ts, transaction_id) as next_ts,
    row_number() over (partition by client_id order by ts, transaction_id) as nth
  from bi.v_payment
  where status = 'success'
), reached as (
  select
    c.src_id,
    exists (select 1 from success s where s.client_id = c.src_id) as paid,
    exists (
      select 1
      from success s
      where s.client_id = c.src_id and s.nth = 1 and s.next_ts <= s.ts + interval '30 days'
    ) as paid_again
  from dimention.dim_client c
  where c.client_type = 'person' and c.is_current
)
select 'registration' as step, count(*) as users from reached
union all
select 'payment', count(*) filter (where paid) from reached
union all
select 'repeat_payment', count(*) filter (where paid_again) from reached;
