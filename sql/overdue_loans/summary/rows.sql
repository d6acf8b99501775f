-- target: none
-- grain: one table
-- keys: table_name
-- reads: every table of the layers
-- params: none
select 'etl.loaded_parts' as table_name, count(*) as row_count from etl.loaded_parts
union all
select 'staging.clients' as table_name, count(*) as row_count from staging.clients
union all
select 'staging.loans' as table_name, count(*) as row_count from staging.loans
union all
select 'staging.payments' as table_name, count(*) as row_count from staging.payments
union all
select 'core.clients' as table_name, count(*) as row_count from core.clients
union all
select 'core.loans' as table_name, count(*) as row_count from core.loans
union all
select 'core.payments' as table_name, count(*) as row_count from core.payments
union all
select 'core.payments_history' as table_name, count(*) as row_count from core.payments_history
union all
select 'mart.data_mart' as table_name, count(*) as row_count from mart.data_mart
union all
select 'mart.vw_overdue_by_month_and_amount' as table_name, count(*) as row_count from mart.vw_overdue_by_month_and_amount
union all
select 'dq.rejected_rows' as table_name, count(*) as row_count from dq.rejected_rows
union all
select 'ops.notification_outbox' as table_name, count(*) as row_count from ops.notification_outbox
union all
select 'ops.notification_report' as table_name, count(*) as row_count from ops.notification_report
union all
select 'ops.simulation' as table_name, count(*) as row_count from ops.simulation;
