-- target: dds.checked_order_statuses
-- grain: one row of raw.order_status_events, typed, with the reason why dds.order_status_events refuses it
-- keys: raw_id
-- reads: raw.order_status_events
-- params: none
create or replace view dds.checked_order_statuses as
select
  s.event_id as raw_id,
  case when dds.is_uuid(s.order_id) then s.order_id::uuid end as order_id,
  s.status,
  s.generated_at,
  s.generated_at as happened_at,
  case
    when not dds.is_uuid(s.order_id) then 'order_id_invalid'
    when s.status is null then 'status_missing'
    when s.generated_at is null then 'generated_at_missing'
  end as reason_code
from raw.order_status_events s;
