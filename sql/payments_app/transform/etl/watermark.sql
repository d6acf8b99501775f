-- target: etl.watermark
-- grain: the highest transaction_id that a batch has seen, sound or not
-- keys: batch_dt
-- reads: stage.transactions
-- params: since, batch_dt
insert into etl.watermark (batch_dt, since, max_transaction_id)
select
  @batch_dt::date,
  @since::date,
  greatest(
    coalesce(max(transaction_id::bigint) filter (where etl.is_bigint(transaction_id)), 0),
    coalesce((select max(max_transaction_id) from etl.watermark where batch_dt < @batch_dt::date), 0)
  )
from stage.transactions
on conflict (batch_dt) do update set
  since = excluded.since,
  max_transaction_id = greatest(etl.watermark.max_transaction_id, excluded.max_transaction_id),
  moved_at = now();
