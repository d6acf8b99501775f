-- target: none, it answers: who are the best customers of each loyalty tier
-- grain: one tier
-- keys: none
-- reads: dwh.customer_loyalty_profile
-- params: none
select
  loyalty_tier as tier,
  count(*)::int as customers,
  sum(ltv_money)::text as ltv_money,
  (sum(ltv_money) / sum(lifetime_orders))::numeric(10, 2)::text as average_check,
  round(avg(months_active), 1)::text as months_active,
  (array_agg(customer_name order by ltv_money desc, customer_id))[1] as best_customer
from dwh.customer_loyalty_profile
group by loyalty_tier
order by loyalty_tier;
