-- target: statistics of the dds tables
-- grain: none
-- keys: none
-- reads: dds
-- params: none
analyze
  dds.users, dds.events, dds.sessions, dds.orders, dds.order_items, dds.order_status_events,
  dds.user_devices, dds.user_locations, dds.campaign_events;
