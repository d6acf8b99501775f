-- target: mart.vw_overdue_by_month_and_amount
-- grain: a month of planned dates and a bucket of loan amounts
-- keys: period, loan_amount_bucket
-- reads: mart.data_mart
-- params: none
create or replace view mart.vw_overdue_by_month_and_amount as
with loan_month as (
  select
    date_trunc('month', payment_date)::date as period,
    client_id,
    loan_name,
    loan_amount,
    bool_or(status) as is_overdue,
    coalesce(sum(paid_fact_amount) filter (where status), 0) as overdue_payments,
    sum(greatest(0, paid_amount - paid_fact_amount)) as shortfall
  from mart.data_mart
  group by 1, 2, 3, 4
)
select
  period,
  extract(year from period)::int as year,
  extract(month from period)::int as month,
  case
    when loan_amount < 50000 then '< 50,000'
    when loan_amount < 100000 then '50,000–<100,000'
    when loan_amount < 500000 then '100,000–<500,000'
    else '≥ 500,000'
  end as loan_amount_bucket,
  count(*) as total_loans,
  count(*) filter (where is_overdue) as total_overdue_loans,
  coalesce(round(100.0 * count(*) filter (where is_overdue) / nullif(count(*), 0), 2), 0)
    as pct_overdue_loans,
  sum(loan_amount)::bigint as sum_issued_loans,
  sum(overdue_payments)::bigint as sum_overdue_payments,
  sum(shortfall)::bigint as sum_shortfall
from loan_month
group by period, loan_amount_bucket;
