-- target: the last day that was loaded
-- grain: none
-- keys: none
-- reads: etl.watermark
-- params: none
select max(batch_dt) as as_of from etl.watermark having max(batch_dt) is not null
