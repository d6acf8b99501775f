-- target: none
-- grain: one month
-- keys: period
-- reads: mart.vw_overdue_by_month_and_amount
-- params: from, to, bucket
select
  period,
  sum(total_loans)::int as loans,
  sum(total_overdue_loans)::int as overdue_loans,
  coalesce(round(100.0 * sum(total_overdue_loans) / nullif(sum(total_loans), 0), 2), 0)
    as pct_overdue
from mart.vw_overdue_by_month_and_amount
where period >= @from::date
  and period < @to::date
  and (@bucket::text is null or loan_amount_bucket = @bucket::text)
group by period
order by period;
