-- target: dds.checked_events
-- grain: one row of raw.events, typed, with the reason why dds.events refuses it
-- keys: raw_id
-- reads: raw.events
-- params: none
create or replace view dds.checked_events as
select
  e.event_id as raw_id,
  case when dds.is_user_id(e.user_id) then e.user_id::bigint end as user_id,
  e.event_type,
  e."timestamp",
  case when dds.is_uuid(e.session_id) then e.session_id::uuid end as session_id,
  e.product_id::bigint as product_id,
  e.product_name,
  e.product_category,
  case when dds.is_uuid(e.order_id) then e.order_id::uuid end as order_id,
  e.quantity,
  e.cost_usd,
  e.cost_eur,
  e.cost_rub,
  e.weather_temp,
  e.weather_desc,
  e.city,
  e.country,
  e.lat,
  e.lon,
  case
    when e.user_id is null or not dds.is_user_id(e.user_id) then 'user_id_invalid'
    when e.event_type is null then 'event_type_missing'
    when e.session_id is null and e.event_type not in ('signup', 'churn') then 'session_id_missing'
    when not dds.is_uuid(e.session_id) then 'session_id_invalid'
    when not dds.is_uuid(e.order_id) then 'order_id_invalid'
    when e.quantity <= 0 then 'quantity_not_positive'
    when least(e.cost_usd, e.cost_eur, e.cost_rub) < 0 then 'cost_negative'
    when abs(e.lat) > 90 or abs(e.lon) > 180 then 'coordinates_out_of_range'
  end as reason_code,
  e.event_type in (
    'session_start', 'session_end', 'purchase', 'payment_success', 'payment_failed', 'signup',
    'churn', 'view_product', 'add_to_cart', 'view_page'
  ) as is_kept
from raw.events e;
