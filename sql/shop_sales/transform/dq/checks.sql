-- target: staging.dq_checks_results
-- grain: one check of the files of one business date; 0 passed, 1 failed
-- keys: table_name, dq_check_name, datetime
-- reads: staging.file_user_order_log, staging.file_user_activity_log
-- params: load_key, business_dt, least_customers
delete from staging.dq_checks_results
where datetime = @business_dt::date;

with log_row as (
  select 'user_order_log' as table_name, customer_id::bigint, reason_code
  from staging.file_user_order_log
  where load_key = @load_key::text
  union all
  select 'user_activity_log', customer_id, reason_code
  from staging.file_user_activity_log
  where load_key = @load_key::text
), log as (
  select
    t.table_name,
    count(*) filter (where r.reason_code = 'customer_id_missing') as without_customer,
    count(distinct r.customer_id) as customers
  from (values ('user_order_log'), ('user_activity_log')) as t (table_name)
  left join log_row r on r.table_name = t.table_name
  group by t.table_name
), result as (
  select
    'staging.' || table_name as table_name,
    'customer_id is never null' as dq_check_name,
    case when without_customer = 0 then 0 else 1 end as dq_check_result,
    without_customer || ' rows without a customer' as found
  from log
  union all
  select
    'staging.' || table_name,
    'at least ' || @least_customers::int || ' different customers',
    case when customers >= @least_customers::int then 0 else 1 end,
    customers || ' different customers'
  from log
), stored as (
  insert into staging.dq_checks_results (table_name, dq_check_name, datetime, dq_check_result)
  select table_name, dq_check_name, @business_dt::date, dq_check_result
  from result
)
select table_name, dq_check_name, dq_check_result, found
from result
order by table_name, dq_check_name;
