-- target: ops.notification_outbox
-- grain: one notice about a payment at a stage, sent or not
-- keys: id; client_id, loan_name, payment_number, stage
-- reads: nothing
-- params: none
create table if not exists ops.notification_outbox (
  id bigint generated always as identity primary key,
  client_id int not null,
  loan_name text not null,
  payment_number smallint not null,
  stage text not null constraint notification_outbox_stage_known
    references ops.notification_rule (stage),
  channel text not null,
  template_code text not null,
  priority numeric(20, 4) not null,
  shortfall int not null,
  scheduled_at timestamptz not null,
  sent_at timestamptz,
  -- The day of sent_at where NOTIFY_TZ says.
  sent_on date,
  status text not null constraint notification_outbox_status_known check (
    status in ('pending', 'sent', 'failed', 'suppressed', 'cancelled')
  ),
  reason text,
  provider_id text,
  attempts int not null default 0,
  constraint notification_outbox_once unique (client_id, loan_name, payment_number, stage),
  constraint notification_outbox_sent_iff_at check ((status = 'sent') = (sent_at is not null)),
  constraint notification_outbox_sent_on_day check ((sent_at is null) = (sent_on is null))
);
create unique index if not exists notification_outbox_one_a_day
  on ops.notification_outbox (client_id, sent_on);
create unique index if not exists notification_outbox_one_pending
  on ops.notification_outbox (client_id)
  where status = 'pending';
