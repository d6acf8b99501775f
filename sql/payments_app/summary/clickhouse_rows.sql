-- target: rows of the marts by table
-- grain: one mart of payments_mart
-- keys: table_name
-- reads: payments_mart.*
-- params: none
select 'payments_mart.daily_kpi' as table_name, count() as row_count from payments_mart.daily_kpi
union all
select 'payments_mart.client_daily', count() from payments_mart.client_daily
union all
select 'payments_mart.client_ltv', count() from payments_mart.client_ltv
union all
select 'payments_mart.cohort_retention', count() from payments_mart.cohort_retention
union all
select 'payments_mart.funnel_daily', count() from payments_mart.funnel_daily
union all
select 'payments_mart.channel_roi', count() from payments_mart.channel_roi
union all
select 'payments_mart.merchant_daily', count() from payments_mart.merchant_daily
union all
select 'payments_mart.merchant_hourly', count() from payments_mart.merchant_hourly
union all
select 'payments_mart.legal_monthly', count() from payments_mart.legal_monthly
union all
select 'payments_mart.vertical_daily', count() from payments_mart.vertical_daily
