-- target: none, it counts
-- grain: one table
-- keys: table_name
-- reads: raw, dds, dq
-- params: none
select 'raw.events' as table_name, count(*) as row_count from raw.events
union all
select 'raw.user_profiles', count(*) from raw.user_profiles
union all
select 'raw.user_devices', count(*) from raw.user_devices
union all
select 'raw.user_locations', count(*) from raw.user_locations
union all
select 'raw.orders', count(*) from raw.orders
union all
select 'raw.order_items', count(*) from raw.order_items
union all
select 'raw.order_status_events', count(*) from raw.order_status_events
union all
select 'raw.campaign_events', count(*) from raw.campaign_events
union all
select 'dds.users', count(*) from dds.users
union all
select 'dds.events', count(*) from dds.events
union all
select 'dds.sessions', count(*) from dds.sessions
union all
select 'dds.orders', count(*) from dds.orders
union all
select 'dds.order_items', count(*) from dds.order_items
union all
select 'dds.order_status_events', count(*) from dds.order_status_events
union all
select 'dds.categories', count(*) from dds.categories
union all
select 'dds.products', count(*) from dds.products
union all
select 'dds.user_devices', count(*) from dds.user_devices
union all
select 'dds.user_locations', count(*) from dds.user_locations
union all
select 'dds.campaigns', count(*) from dds.campaigns
union all
select 'dds.campaign_events', count(*) from dds.campaign_events
union all
select 'dq.rejected_rows', count(*) from dq.rejected_rows;
