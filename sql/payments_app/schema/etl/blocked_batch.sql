-- target: etl.blocked_batch
-- grain: one batch that a critical check stopped, until a person resumes it
-- keys: batch_dt
-- reads: nothing
-- params: none
create table if not exists etl.blocked_batch (
  batch_dt date constraint blocked_batch_pkey primary key,
  run_id text not null,
  problems jsonb not null,
  blocked_at timestamptz not null default now(),
  resumed_at timestamptz,
  note text,
  accepted text[] not null default '{}',
  constraint blocked_batch_note_when_resumed check ((resumed_at is null) = (note is null))
);
comment on column etl.blocked_batch.accepted is
  'Codes of critical checks that a person found to be right for this batch; they only warn then';
