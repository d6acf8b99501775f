create table request (
  request_id bigint generated always as identity primary key,
  requested_at timestamptz not null default clock_timestamp(),
  verb text not null,
  dag_id text not null,
  run_id text,
  actor text not null,
  why text,
  options jsonb not null default '{}',
  constraint request_verb_known
    check (verb in ('trigger', 'cancel', 'clear', 'pause', 'unpause', 'pause_failing')),
  constraint request_run_named check ((run_id is not null) = (verb in ('trigger', 'cancel', 'clear')))
);
comment on table request is 'What somebody asked for in SQL, until a scheduler has done it; its outcome is in "event".';
create unique index request_trigger_once on request (dag_id, run_id) where verb = 'trigger';
create index request_of_dag on request (dag_id, request_id);
create index request_to_pause on request (dag_id) where verb in ('pause', 'pause_failing');

create function request_insert(verb text, dag_id text, run_id text, options jsonb, why text)
returns void
language plpgsql as $$
begin
  insert into request (verb, dag_id, run_id, options, why, actor)
  values ($1, $2, $3, $4, $5, 'sql:' || session_user);
  perform pg_notify('tidemill_wake', '');
end $$;
comment on function request_insert is 'Stores a request and wakes the schedulers at the commit.';

create function request_check_dag(dag_id text) returns void
language plpgsql as $$
begin
  if not exists (select from dag d where d.dag_id = $1 and d.is_present) then
    raise exception using errcode = 'no_data_found', message = format(
      'TIDEMILL_DAG_NOT_FOUND: DAG "%s" is not known here; "tidemill dags list" names the DAGs', $1);
  end if;
end $$;
comment on function request_check_dag is 'Refuses a DAG that no file declares.';

create function request_check_run(dag_id text, run_id text) returns void
language plpgsql as $$
begin
  perform request_check_dag($1);
  if not exists (select from dag_run r where r.dag_id = $1 and r.run_id = $2)
    and not exists (
      select from request q where q.dag_id = $1 and q.run_id = $2 and q.verb = 'trigger')
  then
    raise exception using errcode = 'no_data_found', message = format(
      'TIDEMILL_RUN_NOT_FOUND: Run "%2$s" of DAG "%1$s" does not exist; "tidemill runs list %1$s" names them',
      $1, $2);
  end if;
end $$;
comment on function request_check_run is 'Refuses a run that neither exists nor was asked for.';

create function trigger(
  dag_id text, params jsonb default null, run_id text default null, interval_of text default null,
  why text default null)
returns text
language plpgsql security definer as $$
declare
  chosen text := coalesce($3, format('manual__%s_%s',
    to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"+00:00"'),
    substr(md5(gen_random_uuid()::text), 1, 6)));
begin
  perform request_check_dag($1);
  if chosen !~ '^[A-Za-z0-9_.~:+-]{1,200}$' or chosen ~ '\.\.' then
    raise exception using errcode = 'invalid_parameter_value', message = format(
      'TIDEMILL_ID_INVALID: Run id "%s" has a character that ids may not have; use 1 to 200 of A-Z a-z 0-9 _ . ~ : + - and no ".."',
      chosen);
  end if;
  if chosen ~ '^(scheduled|backfill|asset_triggered)__' then
    raise exception using errcode = 'invalid_parameter_value', message = format(
      'TIDEMILL_INPUT_INVALID: Run id "%s" of DAG "%s" begins like that of a run of another type; choose another beginning',
      chosen, $1);
  end if;
  if exists (select from dag_run r where r.dag_id = $1 and r.run_id = chosen)
    or exists (
      select from request q where q.dag_id = $1 and q.run_id = chosen and q.verb = 'trigger')
  then
    raise exception using errcode = 'unique_violation', message = format(
      'TIDEMILL_RUN_EXISTS: Run "%s" of DAG "%s" exists already; choose another run id, or clear that run',
      chosen, $1);
  end if;
  perform request_insert('trigger', $1, chosen,
    case when $2 is null then '{}' else jsonb_build_object('params', $2) end
      || case when $4 is null then '{}' else jsonb_build_object('interval', $4) end, $5);
  return chosen;
end $$;
comment on function trigger is 'Asks for a run of a DAG, once the transaction commits; its run id.';

create function cancel(dag_id text, run_id text, why text default null) returns void
language plpgsql security definer as $$
declare
  found_state text;
begin
  perform request_check_run($1, $2);
  select r.state into found_state from dag_run r where r.dag_id = $1 and r.run_id = $2;
  if found_state in ('success', 'failed', 'cancelled') then
    raise exception using errcode = 'object_not_in_prerequisite_state', message = format(
      'TIDEMILL_STATE_REFUSED: Run "%s" of DAG "%s" is %s; only a queued or running run can be cancelled',
      $2, $1, found_state);
  end if;
  perform request_insert('cancel', $1, $2, '{}', $3);
end $$;
comment on function cancel is 'Asks for the end of a run, once the transaction commits.';

create function clear(
  dag_id text, run_id text, task_ids text[] default null, only_failed boolean default false,
  upstream boolean default false, downstream boolean default false, why text default null)
returns void
language plpgsql security definer as $$
declare
  unknown text;
begin
  perform request_check_run($1, $2);
  select w.task_id into unknown
  from unnest($3) as w (task_id)
  where not exists (
    select
    from dag_version v
    cross join jsonb_array_elements(v.manifest -> 'tasks') as t
    where v.dag_version_id = coalesce(
        (select r.dag_version_id from dag_run r where r.dag_id = $1 and r.run_id = $2),
        (select d.dag_version_id from dag d where d.dag_id = $1))
      and t ->> 'taskId' = w.task_id)
  limit 1;
  if unknown is not null then
    raise exception using errcode = 'no_data_found', message = format(
      'TIDEMILL_TASK_NOT_FOUND: Task "%s" is not a task of DAG "%s"; "tidemill tasks list %2$s" names them',
      unknown, $1);
  end if;
  perform request_insert('clear', $1, $2,
    jsonb_build_object('taskIds', coalesce(to_jsonb($3), '[]'), 'onlyFailed', $4, 'upstream', $5,
      'downstream', $6), $7);
end $$;
comment on function clear is 'Asks that tasks of a run are done again, all of them if none is named, once the transaction commits.';

create function pause(dag_id text, why text default null) returns void
language plpgsql security definer as $$
begin
  perform request_check_dag($1);
  perform request_insert('pause', $1, null, '{}', $2);
end $$;
comment on function pause is 'Asks that a DAG is paused, once the transaction commits.';

create function unpause(dag_id text, why text default null) returns void
language plpgsql security definer as $$
begin
  perform request_check_dag($1);
  perform request_insert('unpause', $1, null, '{}', $2);
end $$;
comment on function unpause is 'Asks that a DAG goes on, once the transaction commits.';

-- They act as the owner of the schema, so nobody but it may call them unless it says so, and no other schema is searched.
do $$
declare
  signature text;
begin
  for signature in
    select p.oid::regprocedure::text
    from pg_proc p
    where p.pronamespace = current_schema()::regnamespace
      and p.proname in ('trigger', 'cancel', 'clear', 'pause', 'unpause', 'request_insert',
        'request_check_dag', 'request_check_run')
  loop
    execute format('revoke all on function %s from public', signature);
    if signature !~ '^request_' then
      execute format('alter function %s set search_path = %I, pg_temp', signature, current_schema());
    end if;
  end loop;
end $$;
