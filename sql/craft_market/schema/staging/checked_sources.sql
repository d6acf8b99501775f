-- target: staging.checked_sources
-- grain: one staged order with the first reason why the star cannot take it, if there is one
-- keys: source_system, order_id as far as the source keeps it unique
-- reads: staging.tmp_sources
-- params: none
create or replace view staging.checked_sources as
select
  source_system,
  order_id,
  order_created_date,
  order_completion_date,
  order_status,
  craftsman_id,
  craftsman_name,
  craftsman_address,
  craftsman_birthday,
  craftsman_email,
  product_id,
  product_name,
  product_description,
  product_type,
  product_price,
  customer_id,
  customer_name,
  customer_address,
  customer_birthday,
  customer_email,
  -- A null in a merge key never matches: such a row would be inserted again by every run.
  case
    when craftsman_name is null or craftsman_email is null then 'craftsman_key_missing'
    when customer_name is null or customer_email is null then 'customer_key_missing'
    when product_name is null or product_description is null or product_price is null
      then 'product_key_missing'
    when order_created_date is null then 'created_date_missing'
    when order_created_date < '1900-01-01' or order_created_date > '9999-12-31'
      or order_completion_date > '9999-12-31'
      then 'date_out_of_range'
    when craftsman_birthday > order_created_date or customer_birthday > order_created_date
      or not isfinite(craftsman_birthday) or not isfinite(customer_birthday)
      then 'birthday_out_of_range'
    when craftsman_address is null or craftsman_birthday is null
      then 'craftsman_attribute_missing'
    when product_type is null then 'product_type_missing'
    when order_status is null
      or order_status not in ('created', 'in progress', 'delivery', 'done')
      then 'status_unknown'
    when product_price <= 0 then 'price_not_positive'
    when product_price > 99999999 then 'price_too_large'
    when order_completion_date < order_created_date then 'completed_before_created'
  end as reason_code
from staging.tmp_sources;
