-- target: none, it reads the notices that may go out now
-- grain: one notice
-- keys: id
-- reads: ops.notification_outbox, core.clients
-- params: at, day, after_id, batch_size
select
  o.id, o.client_id, c.fio as client_name, c.phone, o.loan_name, o.payment_number, o.stage,
  o.channel, o.template_code, o.shortfall, o.attempts
from ops.notification_outbox o
join core.clients c on c.client_id = o.client_id
where o.status = 'pending'
  and o.scheduled_at <= @at::timestamptz
  and o.id > @after_id::bigint
  and not exists (
    select
    from ops.notification_outbox sent
    where sent.client_id = o.client_id
      and sent.sent_on = @day::date
  )
order by o.id
limit @batch_size::int;
