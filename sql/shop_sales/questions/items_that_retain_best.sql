-- target: none, it answers which items keep their customers
-- grain: one item
-- keys: item_id
-- reads: mart.f_customer_retention, mart.d_item
-- params: none
select
  i.item_name as item,
  sum(r.new_customers_count) as new_customers,
  sum(r.returning_customers_count) as returning_customers,
  round(
    100.0 * sum(r.returning_customers_count)
      / nullif(sum(r.new_customers_count + r.returning_customers_count), 0),
    2
  ) as retention_percent
from mart.f_customer_retention r
join mart.d_item i on i.item_id = r.item_id
where r.period_name = 'weekly'
group by i.item_id, i.item_name
order by retention_percent desc nulls last, i.item_id;
