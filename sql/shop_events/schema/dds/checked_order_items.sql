-- target: dds.checked_order_items
-- grain: one row of raw.order_items, typed, with the reason why dds.order_items refuses it
-- keys: raw_id
-- reads: raw.order_items
-- params: none
create or replace view dds.checked_order_items as
select
  i.raw_order_item_id as raw_id,
  case when dds.is_uuid(i.order_id) then i.order_id::uuid end as order_id,
  i.product_id::bigint as product_id,
  i.quantity,
  i.price_usd,
  coalesce(i.generated_at, i.received_at) as happened_at,
  case
    when i.order_id is null or not dds.is_uuid(i.order_id) then 'order_id_invalid'
    when i.product_id is null then 'product_id_missing'
    when i.quantity is null or i.quantity <= 0 then 'quantity_not_positive'
    when i.price_usd is null then 'price_missing'
    when i.price_usd < 0 then 'price_negative'
  end as reason_code
from raw.order_items i;
