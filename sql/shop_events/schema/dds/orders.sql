-- target: dds.orders
-- grain: one order
-- keys: order_id
-- reads: raw.orders, raw.order_status_events, dds.users
-- params: none
create table if not exists dds.orders (
  order_id uuid primary key,
  user_id bigint not null references dds.users (user_id),
  order_ts timestamp not null,
  total_usd numeric(18, 2) not null constraint orders_total_natural check (total_usd >= 0),
  status text not null default 'pending' constraint orders_status_known check (
    status in ('pending', 'success', 'failed', 'cancelled')
  ),
  campaign_id text,
  raw_id bigint not null
);
create index if not exists orders_by_user on dds.orders (user_id, order_ts);
