-- target: staging.user_order_log
-- grain: one order or refund of the days of a load
-- keys: uniq_id
-- reads: staging.file_user_order_log
-- params: run_id, source, load_key, day_from, day_to
delete from dq.rejected_rows
where source = @source::text
  and table_name = 'staging.user_order_log'
  and starts_with(row_key, @load_key::text || '/');

delete from staging.user_order_log
where date_time >= @day_from::date
  and date_time < @day_to::date;

with first as (
  select distinct on (uniq_id)
    number, uniq_id, date_time, city_id, city_name, customer_id, first_name, last_name, item_id, item_name,
    quantity, payment_amount, status
  from staging.file_user_order_log
  where load_key = @load_key::text
    and reason_code is null
  order by uniq_id, number
), inserted as (
  insert into staging.user_order_log (uniq_id, date_time, city_id, city_name, customer_id, first_name, last_name, item_id, item_name,
    quantity, payment_amount, status)
  select uniq_id, date_time, city_id, city_name, customer_id, first_name, last_name, item_id, item_name,
    quantity, payment_amount, status
  from first
  order by uniq_id
  on conflict (uniq_id) do nothing
  returning uniq_id
), refused as (
  select f.number, f.reason_code, f.payload
  from staging.file_user_order_log f
  where f.load_key = @load_key::text
    and f.reason_code is not null
  union all
  select f.number, 'conflicting_uniq_id', to_jsonb(f) - 'payload' - 'reason_code' - 'load_key'
  from staging.file_user_order_log f
  join first using (uniq_id)
  where f.load_key = @load_key::text
    and f.reason_code is null
    and (f.date_time, f.city_id, f.city_name, f.customer_id, f.first_name, f.last_name, f.item_id,
      f.item_name, f.quantity, f.payment_amount, f.status) is distinct from
      (first.date_time, first.city_id, first.city_name, first.customer_id, first.first_name,
      first.last_name, first.item_id, first.item_name, first.quantity, first.payment_amount,
      first.status)
  union all
  select f.number, 'duplicate_uniq_id', to_jsonb(f)
  from first f
  where not exists (select 1 from inserted i where i.uniq_id = f.uniq_id)
), stored as (
  insert into dq.rejected_rows (
    run_id, source, table_name, row_key, reason_code, severity, payload
  )
  select
    @run_id::text,
    @source::text,
    'staging.user_order_log',
    @load_key::text || '/' || r.number,
    r.reason_code,
    'error',
    r.payload
  from refused r
  returning 1
)
select
  (
    select count(*) from staging.file_user_order_log f where f.load_key = @load_key::text
  ) as rows_in,
  (select count(*) from inserted) as rows_out,
  (select count(*) from stored) as rows_rejected;
