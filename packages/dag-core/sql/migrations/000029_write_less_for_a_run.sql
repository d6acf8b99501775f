-- What every run pays for and nothing reads.

-- The check of a reference locks both rows for each new run, and runs of one DAG that are made at once meet there. DAGs and
-- their versions are never deleted (a file that is gone leaves its DAG behind, marked so): who tries is refused instead.
alter table dag_run drop constraint dag_run_dag_id_fkey, drop constraint dag_run_dag_version_id_fkey;
create function refuse_delete() returns trigger language plpgsql as $$
begin
  raise exception using errcode = 'restrict_violation', message = format(
    'Rows of "%s" stay: runs refer to them; take the file out of the DAGs folder instead', tg_table_name);
end $$;
comment on function refuse_delete is 'Keeps what runs refer to.';
create trigger dag_stays before delete on dag execute function refuse_delete();
create trigger dag_version_stays before delete on dag_version execute function refuse_delete();

-- Events are read by their time or number.
drop index event_of_dag;

-- A queued run may start, or waits for its past, which few ever do: two indexes, of which each run is in one.
drop index dag_run_queued;
create index dag_run_waiting on dag_run (dag_id, coalesce(backfill_id, 0)) where waits_for_past;
-- The newest run comes last in it, as it comes in time: a page that is left is full and is not split once more.
drop index dag_run_history;
create index dag_run_history on dag_run (dag_id, run_after, dag_run_id);

create or replace view asset_due as
with recursive pending as (
  (select a.dag_id from asset_pending a order by a.dag_id limit 1)
  union all
  select n.dag_id
  from pending p
  cross join lateral (
    select a.dag_id from asset_pending a where a.dag_id > p.dag_id order by a.dag_id limit 1) n
)
select p.dag_id
from pending p
cross join lateral (
  select from dag d
  where d.dag_id = p.dag_id and d.is_present and not d.is_paused
    and (d.next_run_after is null or d.next_run_after <= now())
  limit 1) d
where not exists (
  select
  from asset_consumer c
  where c.dag_id = p.dag_id
    and c.needs_all
    and not exists (select from asset_pending a where a.dag_id = c.dag_id and a.asset = c.asset))
  and not exists (
    select
    from "limit" l
    where l.kind = 'dag_runs' and l.name = p.dag_id and l.capacity >= 0
      and l.capacity <= (
        select count(*)
        from (
          (select 1 from dag_run r
           where r.dag_id = p.dag_id and r.backfill_id is null and r.state = 'running'
           limit l.capacity)
          union all
          (select 1 from dag_run r
           where r.dag_id = p.dag_id and coalesce(r.backfill_id, 0) = 0 and r.state = 'queued' and not r.waits_for_past
           limit l.capacity)
          union all
          (select 1 from dag_run r
           where r.dag_id = p.dag_id and coalesce(r.backfill_id, 0) = 0 and r.waits_for_past
           limit l.capacity)
        ) active));
