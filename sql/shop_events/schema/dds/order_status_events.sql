-- target: dds.order_status_events
-- grain: one status that an order took at a time
-- keys: event_id; order_id, generated_at, status
-- reads: raw.order_status_events, dds.orders
-- params: none
create table if not exists dds.order_status_events (
  event_id serial primary key,
  order_id uuid not null references dds.orders (order_id),
  status text not null constraint order_status_events_status_known check (
    status in ('pending', 'success', 'failed', 'cancelled')
  ),
  generated_at timestamp not null,
  raw_id bigint not null,
  constraint order_status_events_once unique (order_id, generated_at, status)
);
