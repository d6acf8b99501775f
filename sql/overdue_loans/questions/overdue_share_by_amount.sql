-- target: none
-- grain: one bucket of loan amounts
-- keys: loan_amount_bucket
-- reads: mart.vw_overdue_by_month_and_amount
-- params: from, to
select
  loan_amount_bucket,
  sum(total_loans)::int as loan_months,
  sum(total_overdue_loans)::int as overdue_loan_months,
  coalesce(round(100.0 * sum(total_overdue_loans) / nullif(sum(total_loans), 0), 2), 0)
    as pct_overdue,
  sum(sum_shortfall)::bigint as shortfall
from mart.vw_overdue_by_month_and_amount
where period >= @from::date
  and period < @to::date
group by loan_amount_bucket
order by array_position(
  array['< 50,000', '50,000–<100,000', '100,000–<500,000', '≥ 500,000'], loan_amount_bucket
);
