-- target: the schemas etl, dq, raw and dds of the database shop_events
-- grain: one line for each object, in the order of its references; psql -f runs it as it is
-- keys: none
-- reads: nothing
-- params: none
\ir schema/etl/etl.sql
\ir ../lib/schema/etl/run_log.sql
\ir schema/etl/watermarks.sql
\ir schema/etl/consumed_messages.sql
\ir schema/etl/generator_users.sql
\ir schema/etl/generator_passes.sql
\ir schema/dq/rejected_rows.sql
\ir schema/dq/severity_of.sql
\ir schema/dq/waiting_rows.sql
\ir schema/raw/raw.sql
\ir schema/raw/events.sql
\ir schema/raw/user_profiles.sql
\ir schema/raw/user_devices.sql
\ir schema/raw/user_locations.sql
\ir schema/raw/orders.sql
\ir schema/raw/order_items.sql
\ir schema/raw/campaign_events.sql
\ir schema/raw/order_status_events.sql
\ir schema/dds/dds.sql
\ir schema/dds/is_user_id.sql
\ir schema/dds/is_uuid.sql
\ir schema/dds/users.sql
\ir schema/dds/categories.sql
\ir schema/dds/products.sql
\ir schema/dds/events.sql
\ir schema/dds/sessions.sql
\ir schema/dds/orders.sql
\ir schema/dds/order_items.sql
\ir schema/dds/order_status_events.sql
\ir schema/dds/user_devices.sql
\ir schema/dds/user_locations.sql
\ir schema/dds/campaigns.sql
\ir schema/dds/campaign_events.sql
\ir schema/dds/checked_events.sql
\ir schema/dds/checked_orders.sql
\ir schema/dds/checked_order_items.sql
\ir schema/dds/checked_order_statuses.sql
\ir schema/dds/checked_user_devices.sql
\ir schema/dds/checked_user_locations.sql
\ir schema/dds/checked_campaign_events.sql
