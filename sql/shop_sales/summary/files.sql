-- target: none, it reads what became of each file when it was loaded last
-- grain: one file
-- keys: business_dt, file
-- reads: etl.run_log
-- params: none
select distinct on (business_dt, file)
  business_dt,
  split_part(task, '/', 2) as file,
  rows_in,
  rows_out,
  rows_rejected,
  rows_duplicate
from etl.run_log
cross join lateral split_part(task, '/', 2) as file
where status = 'success'
  and file <> ''
order by business_dt, file, run_log_id desc;
