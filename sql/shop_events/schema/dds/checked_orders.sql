-- target: dds.checked_orders
-- grain: one row of raw.orders, typed, with the reason why dds.orders refuses it
-- keys: raw_id
-- reads: raw.orders
-- params: none
create or replace view dds.checked_orders as
select
  o.raw_order_id as raw_id,
  case when dds.is_uuid(o.order_id) then o.order_id::uuid end as order_id,
  case when dds.is_user_id(o.user_id) then o.user_id::bigint end as user_id,
  o.order_ts,
  o.total_usd,
  o.campaign_id,
  coalesce(o.order_ts, o.received_at) as happened_at,
  case
    when o.order_id is null or not dds.is_uuid(o.order_id) then 'order_id_invalid'
    when o.user_id is null or not dds.is_user_id(o.user_id) then 'user_id_invalid'
    when o.order_ts is null then 'order_ts_missing'
    when o.total_usd is null then 'total_missing'
    when o.total_usd < 0 then 'total_negative'
  end as reason_code
from raw.orders o;
