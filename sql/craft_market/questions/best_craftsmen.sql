-- target: none, it answers: which craftsmen bring the most
-- grain: one of the ten craftsmen with the most money
-- keys: none
-- reads: dwh.craftsman_report_datamart
-- params: none
select
  min(craftsman_name) as craftsman,
  sum(craftsman_money)::text as craftsman_money,
  sum(platform_money)::text as platform_money,
  sum(count_order)::int as orders,
  count(*)::int as months
from dwh.craftsman_report_datamart
group by craftsman_id
order by sum(craftsman_money) desc, craftsman_id
limit 10;
