-- target: the ten marts of the database data_mart
-- grain: said above each table
-- keys: order by
-- reads: nothing
-- params: none
create database if not exists data_mart;

-- One day from the first to the last with an order or a session.
create table if not exists data_mart.daily_business_summary (
  event_date Date,
  total_revenue Decimal(18, 2),
  total_orders UInt64,
  unique_customers UInt64,
  avg_order_value Decimal(18, 2),
  conversion_rate Decimal(18, 4),
  new_users UInt64,
  total_sessions UInt64,
  successful_orders UInt64
)
engine = MergeTree
partition by toYYYYMM(event_date)
order by (event_date);

-- One product on a day of successful orders.
create table if not exists data_mart.product_performance (
  product_id UInt64,
  product_name String,
  category_name LowCardinality(String),
  total_quantity UInt64,
  total_revenue Decimal(18, 2),
  avg_price Decimal(18, 2),
  orders_count UInt64,
  unique_customers UInt64,
  event_date Date
)
engine = MergeTree
partition by toYYYYMM(event_date)
order by (category_name, product_id, event_date);

-- One category on a day of successful orders.
create table if not exists data_mart.category_performance (
  category_name LowCardinality(String),
  total_quantity UInt64,
  total_revenue Decimal(18, 2),
  orders_count UInt64,
  unique_customers UInt64,
  avg_order_value Decimal(18, 2),
  event_date Date
)
engine = MergeTree
partition by toYYYYMM(event_date)
order by (category_name, event_date);

-- One user with a session, an event or an order.
create table if not exists data_mart.user_engagement (
  user_id UInt64,
  sessions_count UInt64,
  total_events UInt64,
  avg_session_duration_seconds Decimal(18, 2),
  avg_pages_per_session Decimal(18, 4),
  first_session_date Nullable(Date),
  last_session_date Nullable(Date),
  total_orders UInt64,
  total_revenue Decimal(18, 2),
  days_since_last_activity Nullable(Int32)
)
engine = MergeTree
order by (user_id);

-- One day; active is the window of seven days that ends with it.
create table if not exists data_mart.active_users_7d (
  event_date Date,
  active_users_count UInt64,
  returning_users UInt64,
  new_users UInt64,
  churned_users UInt64,
  reactivated_users UInt64,
  dau UInt64
)
engine = MergeTree
partition by toYYYYMM(event_date)
order by (event_date);

-- One session with both ends.
create table if not exists data_mart.session_analytics (
  session_id UUID,
  user_id UInt64,
  start_time DateTime64(3, 'UTC'),
  end_time DateTime64(3, 'UTC'),
  duration_seconds UInt32,
  events_count UInt32,
  page_views_count UInt32,
  orders_count UInt32,
  conversion_flag UInt8,
  device_type LowCardinality(String),
  browser LowCardinality(String),
  os LowCardinality(String),
  city LowCardinality(String),
  country LowCardinality(String)
)
engine = MergeTree
order by (start_time, user_id);

-- One campaign.
create table if not exists data_mart.campaign_performance (
  campaign_id String,
  campaign_name String,
  start_date Date,
  end_date Date,
  total_sessions UInt64,
  total_orders UInt64,
  total_revenue Decimal(18, 2),
  unique_users UInt64,
  conversion_rate Decimal(18, 4),
  avg_order_value Decimal(18, 2),
  cost Decimal(18, 2),
  roi Decimal(18, 4)
)
engine = MergeTree
order by (campaign_id, start_date);

-- One known place of users on a day.
create table if not exists data_mart.geo_analysis (
  city LowCardinality(String),
  country LowCardinality(String),
  total_users UInt64,
  total_orders UInt64,
  total_revenue Decimal(18, 2),
  avg_order_value Decimal(18, 2),
  conversion_rate Decimal(18, 4),
  event_date Date
)
engine = MergeTree
partition by toYYYYMM(event_date)
order by (country, city, event_date);

-- One kind of device on a day.
create table if not exists data_mart.device_analysis (
  device_type LowCardinality(String),
  os LowCardinality(String),
  browser LowCardinality(String),
  total_users UInt64,
  total_sessions UInt64,
  total_orders UInt64,
  total_revenue Decimal(18, 2),
  avg_session_duration Decimal(18, 2),
  conversion_rate Decimal(18, 4),
  event_date Date
)
engine = MergeTree
partition by toYYYYMM(event_date)
order by (device_type, os, browser, event_date);

-- Sessions of a day by place and weather.
create table if not exists data_mart.weather_visits (
  event_date Date,
  city LowCardinality(String),
  temp_band LowCardinality(String),
  weather_desc LowCardinality(String),
  sessions UInt64,
  orders UInt64,
  conversion Decimal(18, 4)
)
engine = MergeTree
partition by toYYYYMM(event_date)
order by (event_date, city);
