alter table dag_run add column created_at timestamptz not null default now();

alter table task_instance
  add column wake_key text,
  add column woken_by bigint,
  drop constraint task_instance_wakes_iff_waiting,
  add constraint task_instance_wakes_iff_waiting check (
    case when state = 'deferred' then wake_key is not null
    else (wake_at is not null) = (state in ('up_for_retry', 'up_for_reschedule')) end);
create index task_instance_wake_key on task_instance (wake_key, dag_run_id) where wake_key is not null;

create table wake (
  wake_id bigint generated always as identity primary key,
  wake_key text not null,
  told_dag_run_id bigint not null default 0,
  created_at timestamptz not null default now()
);
comment on table wake is 'Something that others may wait for has happened; gone once every run that waited for it looks again. Runs are told in the order of their ids, "told_dag_run_id" is the last.';

create table named_event (
  named_event_id bigint generated always as identity primary key,
  sent_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  name text not null,
  event_key text,
  sent_by text not null,
  payload jsonb,
  constraint named_event_once_per_key unique (name, event_key),
  constraint named_event_kept_for_a_time check (expires_at > sent_at)
);
comment on table named_event is 'An event that tasks may wait for, kept until it expires so that a wait that begins later sees it.';
create index named_event_sent on named_event (name, named_event_id);
create index named_event_expiry on named_event (expires_at);

create table watched_dag (
  dag_id text primary key
);
comment on table watched_dag is 'A DAG whose runs tasks of other DAGs wait for; the ends of its runs are told.';

create function dag_run_tell_end() returns trigger
language plpgsql set search_path from current as $$
begin
  if exists (select from watched_dag w where w.dag_id = new.dag_id) then
    insert into wake (wake_key)
    select 'run:' || new.dag_id || '#' || new.run_id
    union all
    select 'run:' || new.dag_id || '@'
      || to_char(i.interval_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    from dag_run_interval i
    where i.dag_run_id = new.dag_run_id;
  end if;
  return null;
end $$;
create trigger dag_run_ended after update of state on dag_run
  for each row when (new.ended_at is not null and old.ended_at is null)
  execute function dag_run_tell_end();

create function send_event(
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
comment on function send_event is 'Sends an event that tasks may wait for, with the commit of the caller. Null if an event with this key was sent before.';

do $$
begin
  execute format('alter function send_event set search_path = %I, pg_temp', current_schema());
end $$;
