-- target: none, it adds up
-- grain: one row
-- keys: none
-- reads: etl.consumed_messages, raw, dds
-- params: none
with raw_order as (
  -- As far as dds has read: what came in since is not missing.
  select distinct on (o.order_id) o.order_id, o.total_usd
  from dds.checked_orders o
  join dds.users u on u.user_id = o.user_id
  where o.reason_code is null
    and o.raw_id <= (
      select w.last_id
      from etl.watermarks w
      where w.target_table = 'dds.orders' and w.source_table = 'raw.orders'
    )
  order by o.order_id, o.raw_id desc
), raw_status as (
  select distinct on (s.order_id) s.order_id, s.status
  from dds.checked_order_statuses s
  where s.reason_code is null
    and s.raw_id <= (
      select w.last_id
      from etl.watermarks w
      where w.target_table = 'dds.order_status_events'
        and w.source_table = 'raw.order_status_events'
    )
  order by s.order_id, s.generated_at desc, s.raw_id desc
)
select
  (select coalesce(sum(c.messages), 0) from etl.consumed_messages c) as messages_consumed,
  (select count(*) from dq.rejected_rows d where d.table_name = 'raw') as messages_rejected,
  (
    select coalesce(sum(o.total_usd), 0) * 100
    from raw_order o
    join raw_status s on s.order_id = o.order_id
    where s.status = 'success'
  )::bigint as raw_revenue_cents,
  (
    select coalesce(sum(o.total_usd), 0) * 100
    from dds.orders o
    where o.status = 'success'
  )::bigint as dds_revenue_cents;
