-- target: dds.order_items
-- grain: one product of an order
-- keys: order_id, product_id; the message that arrived last stays
-- reads: dds.checked_order_items, dds.orders
-- params: run_id, mode, raw_order_items_from, raw_order_items_to, data_interval_start, data_interval_end
with judged as materialized (
  select
    c.raw_id, c.order_id, c.product_id, c.quantity, c.price_usd,
    case when c.reason_code is null and o.order_id is null then 'order_missing'
      else c.reason_code
    end as reason_code
  from dds.checked_order_items c
  left join dds.orders o on o.order_id = c.order_id
  where (
      @mode::text = 'increment'
      and c.raw_id > @raw_order_items_from::bigint
      and c.raw_id <= @raw_order_items_to::bigint
    )
    or (
      @mode::text = 'interval'
      and c.happened_at >= @data_interval_start::timestamp
      and c.happened_at < @data_interval_end::timestamp
    )
    -- Rows that waited for what they refer to are tried again.
    or c.raw_id = any (array(select dq.waiting_rows('raw.order_items', 'dds.order_items')))
), upserted as (
  insert into dds.order_items as t (order_id, product_id, quantity, price_usd, raw_id)
  select distinct on (order_id, product_id) order_id, product_id, quantity, price_usd, raw_id
  from judged
  where reason_code is null
  order by order_id, product_id, raw_id desc
  on conflict on constraint order_items_once do update set
    quantity = excluded.quantity,
    price_usd = excluded.price_usd,
    raw_id = excluded.raw_id
  where excluded.raw_id > t.raw_id
  returning 1
), flagged as (
  -- Taken all the same: a line of this size is a remark, not a reason to leave it out.
  insert into dq.rejected_rows (
    run_id, source, table_name, row_key, reason_code, severity, payload
  )
  select
    @run_id::text, 'raw.order_items', 'dds.order_items', raw_id::text, 'line_above_10000', 'warning',
    jsonb_build_object('order_id', order_id, 'product_id', product_id, 'amount', price_usd * quantity)
  from judged
  where reason_code is null
    and price_usd * quantity > 10000
  on conflict on constraint rejected_rows_once do update set
    run_id = excluded.run_id,
    reason_code = excluded.reason_code,
    severity = excluded.severity,
    rejected_at = now()
  returning 1
), rejected as (
  insert into dq.rejected_rows as d (
    run_id, source, table_name, row_key, reason_code, severity, payload
  )
  select
    @run_id::text,
    'raw.order_items',
    'dds.order_items',
    j.raw_id::text,
    j.reason_code,
    dq.severity_of(j.reason_code),
    to_jsonb(r)
  from judged j
  join raw.order_items r on r.raw_order_item_id = j.raw_id
  where j.reason_code is not null
  on conflict on constraint rejected_rows_once do update set
    run_id = excluded.run_id,
    reason_code = excluded.reason_code,
    severity = excluded.severity,
    rejected_at = now()
  returning 1
), resolved as (
  delete from dq.rejected_rows d
  using judged j
  where d.source = 'raw.order_items'
    and d.table_name = 'dds.order_items'
    and d.severity = 'waiting'
    and d.row_key = j.raw_id::text
    and j.reason_code is null
    and j.price_usd * j.quantity <= 10000
  returning 1
)
select
  (select count(*) from judged) as rows_in,
  (select count(*) from upserted) as rows_out,
  (select count(*) from judged where reason_code is not null) as rows_rejected;
