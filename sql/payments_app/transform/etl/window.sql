-- target: the window of a batch
-- grain: its days as instants, and the highest transaction_id of the batches before it
-- keys: none
-- reads: etl.watermark
-- params: since, batch_dt
select
  etl.day_start(@since::date) as "from",
  etl.day_start(@batch_dt::date + 1) as "to",
  etl.day_start(@batch_dt::date + 2) as tomorrow,
  coalesce(
    (select max(max_transaction_id) from etl.watermark where batch_dt < @batch_dt::date), 0
  ) as above
