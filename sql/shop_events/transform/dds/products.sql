-- target: dds.products and dds.categories
-- grain: one product; one category name
-- keys: product_id; category_name
-- reads: raw.events
-- params: mode, raw_events_from, raw_events_to, data_interval_start, data_interval_end
create temporary table product_seen on commit drop as
select
  e.product_id::bigint as product_id,
  max(e.product_name) as product_name,
  max(e.product_category) as category_name,
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
group by e.product_id;

insert into dds.categories (category_name)
select coalesce(s.category_name, 'Unknown')
from product_seen s
where s.product_id is not null
  and not exists (
    select 1
    from dds.categories c
    where c.category_name = coalesce(s.category_name, 'Unknown')
  )
group by coalesce(s.category_name, 'Unknown')
order by coalesce(s.category_name, 'Unknown');

with known as (
  select
    s.product_id,
    coalesce(greatest(s.product_name, nullif(p.product_name, 'Unknown')), 'Unknown') as product_name,
    coalesce(greatest(s.category_name, nullif(c.category_name, 'Unknown')), 'Unknown') as category_name
  from product_seen s
  left join dds.products p on p.product_id = s.product_id
  left join dds.categories c on c.category_id = p.category_id
  where s.product_id is not null
), upserted as (
  insert into dds.products as p (product_id, product_name, category_id)
  select k.product_id, k.product_name, c.category_id
  from known k
  join dds.categories c on c.category_name = k.category_name
  order by k.product_id
  on conflict (product_id) do update set
    product_name = excluded.product_name,
    category_id = excluded.category_id
  where (p.product_name, p.category_id) is distinct from (excluded.product_name, excluded.category_id)
  returning 1
)
select
  (select coalesce(sum(row_count), 0) from product_seen) as rows_in,
  (select count(*) from upserted) as rows_out,
  (select coalesce(sum(row_count), 0) from product_seen where product_id is null) as rows_filtered;
