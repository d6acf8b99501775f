-- target: dds.sessions
-- grain: one session
-- keys: session_id
-- reads: dds.events
-- params: mode, dds_events_from, dds_events_to, data_interval_start, data_interval_end
create temporary table session_touched on commit drop as
select e.session_id, count(*) as row_count
from dds.events e
where (
    @mode::text = 'increment'
    and e.event_id > @dds_events_from::bigint
    and e.event_id <= @dds_events_to::bigint
  )
  or (
    @mode::text = 'interval'
    and e."timestamp" >= @data_interval_start::timestamp
    and e."timestamp" < @data_interval_end::timestamp
  )
group by e.session_id;

analyze session_touched;

with known as (
  -- All events of a touched session, so that a late one changes what is stored.
  select
    e.session_id,
    min(e.user_id) as user_id,
    min(e."timestamp") filter (where e.event_type = 'session_start') as start_ts,
    max(e."timestamp") filter (where e.event_type = 'session_end') as end_ts,
    count(*) as event_count,
    count(*) filter (where e.event_type = 'view_page') as page_views_count,
    count(distinct e.order_id) filter (where e.event_type = 'purchase') as orders_count
  from session_touched s
  join dds.events e on e.session_id = s.session_id
  group by e.session_id
), upserted as (
  insert into dds.sessions as t (
    session_id, user_id, start_ts, end_ts, event_count, page_views_count, orders_count
  )
  select session_id, user_id, start_ts, end_ts, event_count, page_views_count, orders_count
  from known
  on conflict (session_id) do update set
    user_id = excluded.user_id,
    start_ts = excluded.start_ts,
    end_ts = excluded.end_ts,
    event_count = excluded.event_count,
    page_views_count = excluded.page_views_count,
    orders_count = excluded.orders_count
  where (
      t.user_id, t.start_ts, t.end_ts, t.event_count, t.page_views_count, t.orders_count
    ) is distinct from (
      excluded.user_id, excluded.start_ts, excluded.end_ts, excluded.event_count,
      excluded.page_views_count, excluded.orders_count
    )
  returning 1
)
-- Several events of one session make one row: the others count as duplicates of its key.
select
  (select coalesce(sum(row_count), 0) from session_touched) as rows_in,
  (select count(*) from upserted) as rows_out,
  (select coalesce(sum(row_count), 0) from session_touched where session_id is null) as rows_filtered;
