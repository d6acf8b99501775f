-- target: dds.user_locations
-- grain: one place of a user
-- keys: user_id, city, country, lat, lon
-- reads: dds.checked_user_locations, dds.users
-- params: run_id, mode, raw_user_locations_from, raw_user_locations_to, data_interval_start, data_interval_end
with judged as materialized (
  select
    c.raw_id, c.user_id, c.city, c.country, c.lat, c.lon, c.happened_at,
    case when c.reason_code is null and u.user_id is null then 'user_missing'
      else c.reason_code
    end as reason_code
  from dds.checked_user_locations c
  left join dds.users u on u.user_id = c.user_id
  where (
      @mode::text = 'increment'
      and c.raw_id > @raw_user_locations_from::bigint
      and c.raw_id <= @raw_user_locations_to::bigint
    )
    or (
      @mode::text = 'interval'
      and c.happened_at >= @data_interval_start::timestamp
      and c.happened_at < @data_interval_end::timestamp
    )
    -- Rows that waited for what they refer to are tried again.
    or c.raw_id = any (array(select dq.waiting_rows('raw.user_locations', 'dds.user_locations')))
), upserted as (
  insert into dds.user_locations as t (user_id, city, country, lat, lon, last_seen_at, raw_id)
  select distinct on (user_id, city, country, lat, lon)
    user_id, city, country, lat, lon, happened_at, raw_id
  from judged
  where reason_code is null
  order by user_id, city, country, lat, lon, happened_at desc, raw_id desc
  on conflict on constraint user_locations_once do update set
    last_seen_at = excluded.last_seen_at,
    raw_id = excluded.raw_id
  where (excluded.last_seen_at, excluded.raw_id) > (t.last_seen_at, t.raw_id)
  returning 1
), rejected as (
  insert into dq.rejected_rows as d (
    run_id, source, table_name, row_key, reason_code, severity, payload
  )
  select
    @run_id::text,
    'raw.user_locations',
    'dds.user_locations',
    j.raw_id::text,
    j.reason_code,
    dq.severity_of(j.reason_code),
    to_jsonb(r)
  from judged j
  join raw.user_locations r on r.user_location_id = j.raw_id
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
  where d.source = 'raw.user_locations'
    and d.table_name = 'dds.user_locations'
    and d.severity = 'waiting'
    and d.row_key = j.raw_id::text
    and j.reason_code is null
  returning 1
)
select
  (select count(*) from judged) as rows_in,
  (select count(*) from upserted) as rows_out,
  (select count(*) from judged where reason_code is not null) as rows_rejected;
