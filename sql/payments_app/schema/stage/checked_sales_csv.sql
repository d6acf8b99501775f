-- target: stage.checked_sales_csv
-- grain: one row of stage.sales_csv with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.sales_csv, stage.known_merchants
-- params: none
create or replace view stage.checked_sales_csv as
select
  s.stage_id,
  case
    when etl.is_bigint(s.sale_id) is not true then 'sale_id_invalid'
    when etl.is_moment(s.sold_at) is not true then 'sold_at_invalid'
    when etl.is_money(s.amount) is not true then 'amount_invalid'
    when s.amount::numeric < 0 then 'amount_negative'
    when etl.is_bigint(s.quantity) is not true then 'quantity_invalid'
    when s.currency is null or s.currency !~ '^[A-Z]{3}$' then 'currency_unknown'
    when m.merchant_id is null then 'merchant_unknown'
    when row_number() over (partition by s.sale_id order by s.stage_id desc) > 1
      then 'sale_id_repeated'
  end as reason_code
from stage.sales_csv s
left join stage.known_merchants m on m.merchant_id = s.merchant_id;
