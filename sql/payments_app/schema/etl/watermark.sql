-- target: etl.watermark
-- grain: the highest transaction_id that a batch has seen
-- keys: batch_dt
-- reads: nothing
-- params: none
create table if not exists etl.watermark (
  batch_dt date constraint watermark_pkey primary key,
  since date not null,
  max_transaction_id bigint not null,
  moved_at timestamptz not null default now()
);
comment on table etl.watermark is
  'A batch reads above the mark of the batches before it, so that running it again reads the same rows';
