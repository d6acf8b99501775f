alter table dag_run
  drop constraint dag_run_type_known,
  add constraint dag_run_type_known
    check (run_type in ('scheduled', 'manual', 'backfill', 'asset_triggered'));

create table asset_event (
  asset_event_id bigint generated always as identity primary key,
  updated_at timestamptz not null default clock_timestamp(),
  dag_run_id bigint references dag_run on delete set null,
  data_interval_start timestamptz,
  data_interval_end timestamptz,
  asset text not null,
  dag_id text,
  run_id text,
  task_id text,
  updated_by text not null,
  payload jsonb
);
comment on table asset_event is 'An update of an asset, by a task or from outside; stored by the transaction that makes it true.';
create index asset_event_recent on asset_event (asset, asset_event_id desc);
create index asset_event_of_run on asset_event (dag_run_id) where dag_run_id is not null;

create table asset_consumer (
  asset text not null,
  dag_id text not null references dag,
  needs_all boolean not null,
  primary key (asset, dag_id)
);
comment on table asset_consumer is 'An asset in the schedule of a DAG, and whether the DAG waits for all of its assets or for any.';
create index asset_consumer_of_dag on asset_consumer (dag_id);

create table asset_pending (
  dag_id text not null,
  asset text not null,
  asset_event_id bigint not null references asset_event on delete cascade,
  primary key (dag_id, asset, asset_event_id)
);
comment on table asset_pending is 'An update that no run of a consuming DAG has taken yet.';
create index asset_pending_of_event on asset_pending (asset_event_id);

create table dag_run_asset_event (
  dag_run_id bigint not null references dag_run on delete cascade,
  asset_event_id bigint not null references asset_event on delete cascade,
  primary key (dag_run_id, asset_event_id)
);
comment on table dag_run_asset_event is 'An update that a run was made for.';
create index dag_run_asset_event_of_event on dag_run_asset_event (asset_event_id);

create function update_asset(
  asset text, payload jsonb default null, updated_by text default 'sql:' || session_user)
returns bigint
language plpgsql security definer as $$
declare
  made bigint;
begin
  if $1 !~ '^[A-Za-z0-9_.~:+-]{1,200}$' or $1 ~ '\.\.' then
    raise exception using errcode = 'invalid_parameter_value', message = format(
      'TIDEMILL_ID_INVALID: Asset id "%s" has a character that ids may not have; use 1 to 200 of A-Z a-z 0-9 _ . ~ : + - and no ".."',
      $1);
  end if;
  insert into asset_event (asset, payload, updated_by) values ($1, $2, $3)
  returning asset_event_id into made;
  insert into asset_pending (dag_id, asset, asset_event_id)
  select c.dag_id, c.asset, made from asset_consumer c where c.asset = $1;
  perform pg_notify('tidemill_wake', '');
  return made;
end $$;
comment on function update_asset is 'Tells that an asset was updated from outside, with the commit of the caller; the number of the update.';

do $$
begin
  execute format('alter function update_asset set search_path = %I, pg_temp', current_schema());
end $$;
