-- target: dds.order_status_events, and dds.orders.status from it
-- grain: one status that an order took at a time
-- keys: order_id, generated_at, status
-- reads: dds.checked_order_statuses, dds.orders
-- params: run_id, mode, raw_order_status_events_from, raw_order_status_events_to, data_interval_start, data_interval_end
with judged as materialized (
  select
    c.raw_id, c.order_id, c.status, c.generated_at,
    case when c.reason_code is null and o.order_id is null then 'order_missing'
      else c.reason_code
    end as reason_code
  from dds.checked_order_statuses c
  left join dds.orders o on o.order_id = c.order_id
  where (
      @mode::text = 'increment'
      and c.raw_id > @raw_order_status_events_from::bigint
      and c.raw_id <= @raw_order_status_events_to::bigint
    )
    or (
      @mode::text = 'interval'
      and c.happened_at >= @data_interval_start::timestamp
      and c.happened_at < @data_interval_end::timestamp
    )
    -- Rows that waited for what they refer to are tried again.
    or c.raw_id = any (array(select dq.waiting_rows('raw.order_status_events', 'dds.order_status_events')))
), upserted as (
  insert into dds.order_status_events as t (order_id, status, generated_at, raw_id)
  select order_id, status, generated_at, max(raw_id)
  from judged
  where reason_code is null
  group by order_id, status, generated_at
  order by max(raw_id)
  on conflict on constraint order_status_events_once do update set
    raw_id = excluded.raw_id
  where excluded.raw_id > t.raw_id
  returning 1
), latest as (
  -- The statement does not see what it inserted: old rows and judged ones together are all there is.
  select distinct on (order_id) order_id, status
  from (
    select t.order_id, t.status, t.generated_at, t.raw_id
    from dds.order_status_events t
    where t.order_id in (select j.order_id from judged j where j.reason_code is null)
    union all
    select j.order_id, j.status, j.generated_at, j.raw_id
    from judged j
    where j.reason_code is null
  ) known
  order by order_id, generated_at desc, raw_id desc
), updated as (
  update dds.orders o set
    status = l.status
  from latest l
  where o.order_id = l.order_id
    and o.status <> l.status
  returning 1
), rejected as (
  insert into dq.rejected_rows as d (
    run_id, source, table_name, row_key, reason_code, severity, payload
  )
  select
    @run_id::text,
    'raw.order_status_events',
    'dds.order_status_events',
    j.raw_id::text,
    j.reason_code,
    dq.severity_of(j.reason_code),
    to_jsonb(r)
  from judged j
  join raw.order_status_events r on r.event_id = j.raw_id
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
  where d.source = 'raw.order_status_events'
    and d.table_name = 'dds.order_status_events'
    and d.severity = 'waiting'
    and d.row_key = j.raw_id::text
    and j.reason_code is null
  returning 1
)
select
  (select count(*) from judged) as rows_in,
  (select count(*) from upserted) as rows_out,
  (select count(*) from judged where reason_code is not null) as rows_rejected;
