-- target: staging.user_activity_log
-- grain: one action of the days of a load
-- keys: uniq_id
-- reads: staging.file_user_activity_log
-- params: run_id, source, load_key, day_from, day_to
delete from dq.rejected_rows
where source = @source::text
  and table_name = 'staging.user_activity_log'
  and starts_with(row_key, @load_key::text || '/');

delete from staging.user_activity_log
where date_time >= @day_from::date
  and date_time < @day_to::date;

with first as (
  select distinct on (uniq_id)
    number, uniq_id, date_time, action_id, customer_id, quantity
  from staging.file_user_activity_log
  where load_key = @load_key::text
    and reason_code is null
  order by uniq_id, number
), inserted as (
  insert into staging.user_activity_log (uniq_id, date_time, action_id, customer_id, quantity)
  select uniq_id, date_time, action_id, customer_id, quantity
  from first
  order by uniq_id
  on conflict (uniq_id) do nothing
  returning uniq_id
), refused as (
  select f.number, f.reason_code, f.payload
  from staging.file_user_activity_log f
  where f.load_key = @load_key::text
    and f.reason_code is not null
  union all
  select f.number, 'conflicting_uniq_id', to_jsonb(f) - 'payload' - 'reason_code' - 'load_key'
  from staging.file_user_activity_log f
  join first using (uniq_id)
  where f.load_key = @load_key::text
    and f.reason_code is null
    and (f.date_time, f.action_id, f.customer_id, f.quantity) is distinct from
      (first.date_time, first.action_id, first.customer_id, first.quantity)
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
    'staging.user_activity_log',
    @load_key::text || '/' || r.number,
    r.reason_code,
    'error',
    r.payload
  from refused r
  returning 1
)
select
  (
    select count(*) from staging.file_user_activity_log f where f.load_key = @load_key::text
  ) as rows_in,
  (select count(*) from inserted) as rows_out,
  (select count(*) from stored) as rows_rejected;
