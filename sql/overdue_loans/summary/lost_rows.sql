-- target: none
-- grain: one thing that does not add up
-- keys: problem
-- reads: etl.run_log, staging, ops.notification_outbox
-- params: zone
-- The counts of each load add up by a constraint of the log; here they are held against the tables.
with stored as (
  select 'load_clients' as task, (select count(*) from staging.clients) as rows_stored
  union all
  select 'load_loans', (select count(*) from staging.loans)
  union all
  select 'load_payments', (select count(*) from staging.payments)
),
logged as (
  select distinct on (task) task, rows_out + rows_duplicate as rows_known
  from etl.run_log
  where status = 'success'
    and task in ('load_clients', 'load_loans', 'load_payments')
  order by task, run_log_id desc
)
select
  s.task || ' knows ' || l.rows_known || ' rows, its table has ' || s.rows_stored as problem
from stored s
join logged l on l.task = s.task
where l.rows_known > s.rows_stored
union all
select 'client ' || client_id || ' was sent ' || count(*) || ' notices on ' || sent_on
from ops.notification_outbox
where status = 'sent'
group by client_id, sent_on
having count(*) > 1
union all
select count(*) || ' notices were sent in the hours of quiet'
from ops.notification_outbox
where sent_at is not null
  and (
    (sent_at at time zone @zone::text)::time < time '09:00'
    or (sent_at at time zone @zone::text)::time >= time '21:00'
  )
having count(*) > 0;
