-- target: statistics of the raw tables
-- grain: none
-- keys: none
-- reads: raw
-- params: none
analyze
  raw.events, raw.user_profiles, raw.user_devices, raw.user_locations, raw.orders, raw.order_items,
  raw.order_status_events, raw.campaign_events;
