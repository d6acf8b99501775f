-- target: none, it answers: what do customers prefer
-- grain: one category
-- keys: none
-- reads: dwh.customer_loyalty_profile
-- params: none
select
  favourite_category,
  count(*)::int as customers,
  (count(*) filter (where loyalty_tier = 1))::int as of_tier_1,
  sum(ltv_money)::text as ltv_money
from dwh.customer_loyalty_profile
group by favourite_category
order by customers desc, favourite_category;
