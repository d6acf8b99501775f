-- target: dds.users
-- grain: one user
-- keys: user_id
-- reads: raw.user_profiles, raw.user_locations, raw.events
-- params: run_id, mode, raw_user_profiles_from, raw_user_profiles_to, raw_user_locations_from, raw_user_locations_to, raw_events_from, raw_events_to, data_interval_start, data_interval_end
with profile_window as materialized (
  select
    p.user_profile_id,
    p.user_id,
    dds.is_user_id(p.user_id) as is_valid
  from raw.user_profiles p
  where (
      @mode::text = 'increment'
      and p.user_profile_id > @raw_user_profiles_from::bigint
      and p.user_profile_id <= @raw_user_profiles_to::bigint
    )
    or (
      @mode::text = 'interval'
      and coalesce(p.generated_at, p.received_at) >= @data_interval_start::timestamp
      and coalesce(p.generated_at, p.received_at) < @data_interval_end::timestamp
    )
), location_window as materialized (
  select l.user_id, count(*) as row_count
  from raw.user_locations l
  where (
      @mode::text = 'increment'
      and l.user_location_id > @raw_user_locations_from::bigint
      and l.user_location_id <= @raw_user_locations_to::bigint
    )
    or (
      @mode::text = 'interval'
      and coalesce(l.generated_at, l.received_at) >= @data_interval_start::timestamp
      and coalesce(l.generated_at, l.received_at) < @data_interval_end::timestamp
    )
  group by l.user_id
), event_window as materialized (
  select
    e.user_id,
    count(*) filter (
      where e.event_type not in ('session_start', 'session_end', 'signup', 'churn')
    ) as real_count,
    count(*) as row_count
  from raw.events e
  where (
      @mode::text = 'increment'
      and e.event_id > @raw_events_from::bigint
      and e.event_id <= @raw_events_to::bigint
    )
    or (
      @mode::text = 'interval'
      and e."timestamp" >= @data_interval_start::timestamp
      and e."timestamp" < @data_interval_end::timestamp
    )
  group by e.user_id
), affected as materialized (
  select user_id
  from profile_window
  where is_valid
  union
  select user_id
  from event_window
  where real_count > 0
    and dds.is_user_id(user_id)
  union
  select l.user_id
  from location_window l
  where dds.is_user_id(l.user_id)
    and exists (
      select 1
      from dds.users u
      where u.user_id::text = l.user_id
    )
), profile as materialized (
  -- Each column by itself: an older message may be the last one that says it.
  select
    p.user_id,
    (array_agg(p.name order by p.generated_at desc nulls last, p.user_profile_id desc)
      filter (where p.name is not null))[1] as name,
    (array_agg(p.email order by p.generated_at desc nulls last, p.user_profile_id desc)
      filter (where p.email is not null))[1] as email,
    (array_agg(p.birth_date order by p.generated_at desc nulls last, p.user_profile_id desc)
      filter (where p.birth_date is not null))[1] as birth_date,
    (array_agg(p.gender order by p.generated_at desc nulls last, p.user_profile_id desc)
      filter (where p.gender in ('male', 'female')))[1] as gender
  from affected a
  join raw.user_profiles p on p.user_id = a.user_id
  group by p.user_id
), location as materialized (
  select distinct on (l.user_id) l.user_id, l.city, l.country
  from affected a
  join raw.user_locations l on l.user_id = a.user_id
  where l.city is not null
  order by l.user_id, l.generated_at desc nulls last, l.user_location_id desc
), upserted as (
  insert into dds.users as u (user_id, name, email, birth_date, gender, city, country)
  select a.user_id::bigint, p.name, p.email, p.birth_date, p.gender, l.city, l.country
  from affected a
  left join profile p on p.user_id = a.user_id
  left join location l on l.user_id = a.user_id
  order by a.user_id::bigint
  on conflict (user_id) do update set
    name = coalesce(excluded.name, u.name),
    email = coalesce(excluded.email, u.email),
    birth_date = coalesce(excluded.birth_date, u.birth_date),
    gender = coalesce(excluded.gender, u.gender),
    city = coalesce(excluded.city, u.city),
    country = coalesce(excluded.country, u.country)
  where (u.name, u.email, u.birth_date, u.gender, u.city, u.country) is distinct from (
    coalesce(excluded.name, u.name), coalesce(excluded.email, u.email),
    coalesce(excluded.birth_date, u.birth_date), coalesce(excluded.gender, u.gender),
    coalesce(excluded.city, u.city), coalesce(excluded.country, u.country)
  )
  returning 1
), rejected as (
  insert into dq.rejected_rows as d (
    run_id, source, table_name, row_key, reason_code, severity, payload
  )
  select
    @run_id::text, 'raw.user_profiles', 'dds.users', user_profile_id::text, 'user_id_invalid', 'error',
    jsonb_build_object('user_id', user_id)
  from profile_window
  where not coalesce(is_valid, false)
  on conflict on constraint rejected_rows_once do update set
    run_id = excluded.run_id,
    rejected_at = now()
  returning 1
)
-- Further rows about a user who is up to date say nothing new: duplicates.
select
  (select count(*) from profile_window)
    + (select coalesce(sum(row_count), 0) from location_window)
    + (select coalesce(sum(row_count), 0) from event_window) as rows_in,
  (select count(*) from upserted) as rows_out,
  (select count(*) from rejected) as rows_rejected,
  (select coalesce(sum(row_count - real_count), 0) from event_window) as rows_filtered;
