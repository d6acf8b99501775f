-- target: dq.rejected_rows
-- grain: one business date that has an increment after all
-- keys: source, table_name, row_key
-- reads: nothing
-- params: business_dt
delete from dq.rejected_rows
where source = 'get_increment'
  and table_name = 'staging'
  and row_key = @business_dt::text;
