-- target: staging.price_log
-- grain: one item as the shop prices it; the list is replaced as a whole
-- keys: name
-- reads: staging.file_price_log
-- params: run_id, source, load_key
delete from dq.rejected_rows
where source = @source::text
  and table_name = 'staging.price_log'
  and starts_with(row_key, @load_key::text || '/');

delete from staging.price_log;

with first as (
  select distinct on (name)
    number, name, price
  from staging.file_price_log
  where load_key = @load_key::text
    and reason_code is null
  order by name, number
), inserted as (
  insert into staging.price_log (name, price)
  select name, price
  from first
  order by name
  on conflict (name) do nothing
  returning 1
), refused as (
  select f.number, f.reason_code, f.payload
  from staging.file_price_log f
  where f.load_key = @load_key::text
    and f.reason_code is not null
  union all
  select f.number, 'conflicting_name', to_jsonb(f) - 'payload' - 'reason_code' - 'load_key'
  from staging.file_price_log f
  join first using (name)
  where f.load_key = @load_key::text
    and f.reason_code is null
    and (f.price) is distinct from
      (first.price)
), stored as (
  insert into dq.rejected_rows (
    run_id, source, table_name, row_key, reason_code, severity, payload
  )
  select
    @run_id::text,
    @source::text,
    'staging.price_log',
    @load_key::text || '/' || r.number,
    r.reason_code,
    'error',
    r.payload
  from refused r
  returning 1
)
select
  (
    select count(*) from staging.file_price_log f where f.load_key = @load_key::text
  ) as rows_in,
  (select count(*) from inserted) as rows_out,
  (select count(*) from stored) as rows_rejected;
