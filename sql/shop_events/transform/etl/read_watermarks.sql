-- target: none, it reads where a load begins and ends
-- grain: one source table of a target
-- keys: source_table
-- reads: etl.watermarks, every raw table, dds.events
-- params: target_table, source_tables
with source as (
  select 'raw.events' as source_table, max(event_id) as last_id from raw.events
  union all
  select 'raw.user_profiles', max(user_profile_id) from raw.user_profiles
  union all
  select 'raw.user_devices', max(user_device_id) from raw.user_devices
  union all
  select 'raw.user_locations', max(user_location_id) from raw.user_locations
  union all
  select 'raw.orders', max(raw_order_id) from raw.orders
  union all
  select 'raw.order_items', max(raw_order_item_id) from raw.order_items
  union all
  select 'raw.campaign_events', max(campaign_event_id) from raw.campaign_events
  union all
  select 'raw.order_status_events', max(event_id) from raw.order_status_events
  union all
  select 'dds.events', max(event_id) from dds.events
)
select
  s.source_table,
  coalesce(w.last_id, 0) as from_id,
  coalesce(s.last_id, 0) as to_id
from source s
left join etl.watermarks w
  on w.source_table = s.source_table
  and w.target_table = @target_table::text
where s.source_table = any (@source_tables::text[])
order by s.source_table;
