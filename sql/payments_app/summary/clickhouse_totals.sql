-- target: the totals of the copies and the marts
-- grain: none
-- keys: none
-- reads: payments_mart.payment, payments_mart.daily_kpi, payments_mart.client_daily, payments_mart.merchant_daily, payments_mart.merchant_hourly, payments_mart.vertical_daily, payments_mart.client_ltv
-- params: none
select
  (select count() from payments_mart.payment) as payments,
  (select sum(gpv) from payments_mart.daily_kpi) as daily_kpi,
  (select sum(gpv) from payments_mart.client_daily) as client_daily,
  (select sum(gpv) from payments_mart.client_ltv) as client_ltv,
  (select sum(amount_byn) from payments_mart.payment where status = 'success' and merchant_id > 0)
    as at_merchants,
  (select sum(gpv) from payments_mart.merchant_daily) as merchant_daily,
  (select sum(gpv) from payments_mart.merchant_hourly) as merchant_hourly,
  (select sum(gpv) from payments_mart.vertical_daily) as vertical_daily,
  (select max(date) from payments_mart.daily_kpi) as last_date,
  (select min(date) from payments_mart.daily_kpi) as first_date,
  (select argMax(mau, date) from payments_mart.daily_kpi) as mau
