-- target: ops.notification_outbox
-- grain: one notice that a provider was given
-- keys: id
-- reads: nothing
-- params: at, day, rows, max_attempts
update ops.notification_outbox o
set
  attempts = o.attempts + 1,
  status = case
    when r.provider_id is not null then 'sent'
    when o.attempts + 1 >= @max_attempts::int then 'failed'
    else 'pending'
  end,
  provider_id = r.provider_id,
  reason = r.reason,
  sent_at = case when r.provider_id is not null then @at::timestamptz end,
  sent_on = case when r.provider_id is not null then @day::date end
from json_to_recordset(@rows::json) as r (id bigint, provider_id text, reason text)
where o.id = r.id
  and o.status = 'pending';
