-- target: dimention.dim_client
-- grain: one version of a client's attributes; a change closes the version and opens the next
-- keys: client_type, src_id, valid_from
-- reads: stage.app_user, stage.legal_client, dimention.dim_address
-- params: p_batch_dt
create or replace procedure etl.p04_dim_client(p_batch_dt date)
language plpgsql
as $$
begin
  create temporary table incoming on commit drop as
  select distinct on (u.user_id)
    'person' as client_type,
    u.user_id::bigint as src_id,
    etl.clean(u.full_name) as name,
    u.birth_date::date as birth_date,
    u.gender,
    a.region,
    a.city,
    null::text as industry,
    null::text as size_class,
    etl.clean(u.channel) as channel,
    u.registered_at::timestamptz as registered_at,
    u.blocked_at::timestamptz as closed_at,
    etl.row_hash(
      u.full_name, u.birth_date, u.gender, u.address, u.channel, u.registered_at, u.blocked_at
    ) as row_hash
  from stage.app_user u
  left join dimention.dim_address a on a.address_hash = etl.address_hash(u.address)
  order by u.user_id, u.stage_id desc;
  insert into incoming
  select distinct on (l.legal_id)
    'legal', l.legal_id::bigint, etl.clean(l.name), null, null, null, null, etl.clean(l.industry),
    l.size_class, null, l.registered_at::timestamptz, l.closed_at::timestamptz,
    etl.row_hash(l.name, l.unp, l.industry, l.size_class, l.registered_at, l.closed_at)
  from stage.legal_client l
  order by l.legal_id, l.stage_id desc;
  analyze incoming;

  -- Seen twice on one day: the later word holds.
  update dimention.dim_client d
  set name = i.name, birth_date = i.birth_date, gender = i.gender, region = i.region,
    city = i.city, industry = i.industry, size_class = i.size_class, channel = i.channel,
    registered_at = i.registered_at, closed_at = i.closed_at, row_hash = i.row_hash
  from incoming i
  where d.client_type = i.client_type
    and d.src_id = i.src_id
    and d.is_current
    and d.valid_from >= p_batch_dt
    and d.row_hash <> i.row_hash;

  update dimention.dim_client d
  set valid_to = p_batch_dt, is_current = false
  from incoming i
  where d.client_type = i.client_type
    and d.src_id = i.src_id
    and d.is_current
    and d.valid_from < p_batch_dt
    and d.row_hash <> i.row_hash;

  insert into dimention.dim_client (
    client_type, src_id, name, birth_date, gender, region, city, industry, size_class, channel,
    registered_at, closed_at, valid_from, row_hash
  )
  select
    i.client_type, i.src_id, i.name, i.birth_date, i.gender, i.region, i.city, i.industry,
    i.size_class, i.channel, i.registered_at, i.closed_at,
    case
      when exists (
        select 1
        from dimention.dim_client d
        where d.client_type = i.client_type and d.src_id = i.src_id
      ) then p_batch_dt
      else date '1900-01-01'
    end,
    i.row_hash
  from incoming i
  where not exists (
    select 1
    from dimention.dim_client d
    where d.client_type = i.client_type and d.src_id = i.src_id and d.is_current
  )
  order by i.client_type, i.src_id;
  drop table incoming;
end
$$;
