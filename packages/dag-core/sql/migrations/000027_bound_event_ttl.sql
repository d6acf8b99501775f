-- The time for which an event is kept is judged in words, before a constraint of the table does.
create or replace function send_event(
  name text, payload jsonb default null, event_key text default null,
  ttl interval default interval '7 days', sent_by text default 'sql:' || session_user)
returns bigint
language plpgsql security definer as $$
declare
  sent bigint;
begin
  if send_event.name !~ '^[A-Za-z0-9_.~:+-]{1,200}$' or send_event.name ~ '\.\.' then
    raise exception using errcode = 'invalid_parameter_value', message = format(
      'TIDEMILL_ID_INVALID: Event id "%s" has a character that ids may not have; use 1 to 200 of A-Z a-z 0-9 _ . ~ : + - and no ".."',
      send_event.name);
  end if;
  if send_event.ttl between interval '1 microsecond' and interval '36500 days' is not true then
    raise exception using errcode = 'invalid_parameter_value', message = format(
      'TIDEMILL_INPUT_INVALID: The ttl of event "%s" is %s; choose more than 0 and at most 36500 days',
      send_event.name, coalesce(send_event.ttl::text, 'null'));
  end if;
  insert into named_event (name, payload, event_key, expires_at, sent_by)
  values (send_event.name, send_event.payload, send_event.event_key,
    clock_timestamp() + send_event.ttl, send_event.sent_by)
  on conflict on constraint named_event_once_per_key do nothing
  returning named_event_id into sent;
  if sent is null then
    return null;
  end if;
  insert into wake (wake_key) values ('event:' || send_event.name);
  perform pg_notify('tidemill_wake', '');
  return sent;
end $$;

do $$
begin
  execute format('alter function send_event set search_path = %I, pg_temp', current_schema());
end $$;
