-- target: dds.orders
-- grain: one order; its status is set by order_status_events.sql
-- keys: order_id; the message that arrived last stays
-- reads: dds.checked_orders, dds.users
-- params: run_id, mode, raw_orders_from, raw_orders_to, data_interval_start, data_interval_end
with judged as materialized (
  select
    c.raw_id, c.order_id, c.user_id, c.order_ts, c.total_usd, c.campaign_id,
    case when c.reason_code is null and u.user_id is null then 'user_missing'
      else c.reason_code
    end as reason_code
  from dds.checked_orders c
  left join dds.users u on u.user_id = c.user_id
  where (
      @mode::text = 'increment'
      and c.raw_id > @raw_orders_from::bigint
      and c.raw_id <= @raw_orders_to::bigint
    )
    or (
      @mode::text = 'interval'
      and c.happened_at >= @data_interval_start::timestamp
      and c.happened_at < @data_interval_end::timestamp
    )
    -- Rows that waited for what they refer to are tried again.
    or c.raw_id = any (array(select dq.waiting_rows('raw.orders', 'dds.orders')))
), upserted as (
  insert into dds.orders as t (order_id, user_id, order_ts, total_usd, campaign_id, raw_id)
  select distinct on (order_id) order_id, user_id, order_ts, total_usd, campaign_id, raw_id
  from judged
  where reason_code is null
  order by order_id, raw_id desc
  on conflict (order_id) do update set
    user_id = excluded.user_id,
    order_ts = excluded.order_ts,
    total_usd = excluded.total_usd,
    campaign_id = excluded.campaign_id,
    raw_id = excluded.raw_id
  where excluded.raw_id > t.raw_id
  returning 1
), rejected as (
  insert into dq.rejected_rows as d (
    run_id, source, table_name, row_key, reason_code, severity, payload
  )
  select
    @run_id::text,
    'raw.orders',
    'dds.orders',
    j.raw_id::text,
    j.reason_code,
    dq.severity_of(j.reason_code),
    to_jsonb(r)
  from judged j
  join raw.orders r on r.raw_order_id = j.raw_id
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
  where d.source = 'raw.orders'
    and d.table_name = 'dds.orders'
    and d.severity = 'waiting'
    and d.row_key = j.raw_id::text
    and j.reason_code is null
  returning 1
)
select
  (select count(*) from judged) as rows_in,
  (select count(*) from upserted) as rows_out,
  (select count(*) from judged where reason_code is not null) as rows_rejected;
