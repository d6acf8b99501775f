-- target: staging.customer_research
-- grain: one category in one region on one day of a load
-- keys: date_id, category_id, geo_id
-- reads: staging.file_customer_research
-- params: run_id, source, load_key, day_from, day_to
delete from dq.rejected_rows
where source = @source::text
  and table_name = 'staging.customer_research'
  and starts_with(row_key, @load_key::text || '/');

delete from staging.customer_research
where date_id >= @day_from::date
  and date_id < @day_to::date;

with first as (
  select distinct on (date_id, category_id, geo_id)
    number, date_id, category_id, geo_id, sales_qty, sales_amt
  from staging.file_customer_research
  where load_key = @load_key::text
    and reason_code is null
  order by date_id, category_id, geo_id, number
), inserted as (
  insert into staging.customer_research (date_id, category_id, geo_id, sales_qty, sales_amt)
  select date_id, category_id, geo_id, sales_qty, sales_amt
  from first
  order by date_id, category_id, geo_id
  on conflict (date_id, category_id, geo_id) do nothing
  returning 1
), refused as (
  select f.number, f.reason_code, f.payload
  from staging.file_customer_research f
  where f.load_key = @load_key::text
    and f.reason_code is not null
  union all
  select f.number, 'conflicting_key', to_jsonb(f) - 'payload' - 'reason_code' - 'load_key'
  from staging.file_customer_research f
  join first using (date_id, category_id, geo_id)
  where f.load_key = @load_key::text
    and f.reason_code is null
    and (f.sales_qty, f.sales_amt) is distinct from
      (first.sales_qty, first.sales_amt)
), stored as (
  insert into dq.rejected_rows (
    run_id, source, table_name, row_key, reason_code, severity, payload
  )
  select
    @run_id::text,
    @source::text,
    'staging.customer_research',
    @load_key::text || '/' || r.number,
    r.reason_code,
    'error',
    r.payload
  from refused r
  returning 1
)
select
  (
    select count(*) from staging.file_customer_research f where f.load_key = @load_key::text
  ) as rows_in,
  (select count(*) from inserted) as rows_out,
  (select count(*) from stored) as rows_rejected;
