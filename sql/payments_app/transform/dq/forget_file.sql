-- target: dq.rejected_rows
-- grain: what an earlier attempt said of a file
-- keys: business_dt, table_name, row_key
-- reads: nothing
-- params: business_dt, file_name
delete from dq.rejected_rows
where business_dt = @business_dt::date
  and table_name = 'file'
  and row_key = @file_name::text;
