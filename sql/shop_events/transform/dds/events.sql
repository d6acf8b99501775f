-- target: dds.events
-- grain: one event of a user
-- keys: user_id, event_type, timestamp; the first that arrived stays
-- reads: dds.checked_events, dds.users
-- params: run_id, mode, raw_events_from, raw_events_to, data_interval_start, data_interval_end
-- Compiling these plans costs more than it saves, and the sort of a full load fits in this memory.
set local jit = off;
set local work_mem = '256MB';

-- A table of its own, so that several processes may fill it and its statistics are true.
create temporary table judged on commit drop as
select
  c.raw_id,
  c.user_id, c.event_type, c."timestamp", c.session_id, c.product_id, c.product_name,
  c.product_category, c.order_id, c.quantity, c.cost_usd, c.cost_eur, c.cost_rub,
  c.weather_temp, c.weather_desc, c.city, c.country, c.lat, c.lon,
  case when c.reason_code is null and c.is_kept and u.user_id is null then 'user_missing'
    else c.reason_code
  end as reason_code,
  c.is_kept
from dds.checked_events c
left join dds.users u on u.user_id = c.user_id
where (
    @mode::text = 'increment'
    and c.raw_id > @raw_events_from::bigint
    and c.raw_id <= @raw_events_to::bigint
  )
  or (
    @mode::text = 'interval'
    and c."timestamp" >= @data_interval_start::timestamp
    and c."timestamp" < @data_interval_end::timestamp
  )
  -- Rows that waited for what they refer to are tried again.
  or c.raw_id = any (array(select dq.waiting_rows('raw.events', 'dds.events')));

analyze judged;

-- One load runs at a time, under its lock: looking for the key first is cheaper than 'on conflict'.
with inserted as (
  insert into dds.events (
    user_id, event_type, "timestamp", session_id, product_id, product_name, product_category,
    order_id, quantity, cost_usd, cost_eur, cost_rub, weather_temp, weather_desc, city, country,
    lat, lon
  )
  select distinct on (j.user_id, j."timestamp", j.event_type)
    j.user_id, j.event_type, j."timestamp", j.session_id, j.product_id, j.product_name,
    j.product_category, j.order_id, j.quantity, j.cost_usd, j.cost_eur, j.cost_rub,
    j.weather_temp, j.weather_desc, j.city, j.country, j.lat, j.lon
  from judged j
  where j.reason_code is null
    and j.is_kept
    and not exists (
      select 1
      from dds.events e
      where e.user_id = j.user_id
        and e."timestamp" = j."timestamp"
        and e.event_type = j.event_type
    )
  order by j.user_id, j."timestamp", j.event_type, j.raw_id
  returning 1
), rejected as (
  insert into dq.rejected_rows as d (
    run_id, source, table_name, row_key, reason_code, severity, payload
  )
  select
    @run_id::text,
    'raw.events',
    'dds.events',
    j.raw_id::text,
    j.reason_code,
    dq.severity_of(j.reason_code),
    to_jsonb(r)
  from judged j
  join raw.events r on r.event_id = j.raw_id
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
  where d.source = 'raw.events'
    and d.table_name = 'dds.events'
    and d.severity = 'waiting'
    and d.row_key = j.raw_id::text
    and j.reason_code is null
  returning 1
)
select
  count(*) as rows_in,
  (select count(*) from inserted) as rows_out,
  count(*) filter (where reason_code is not null) as rows_rejected,
  count(*) filter (where reason_code is null and not is_kept) as rows_filtered
from judged;
