-- target: the counts of a batch over all of its tables
-- grain: none
-- keys: none
-- reads: etl.load_count
-- params: batch_dt
select
  coalesce(sum(rows_in), 0) as rows_in,
  coalesce(sum(rows_out), 0) as rows_out,
  coalesce(sum(rows_rejected), 0) as rows_rejected,
  coalesce(sum(rows_filtered), 0) as rows_filtered
from etl.load_count
where batch_dt = @batch_dt::date
