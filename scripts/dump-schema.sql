-- The objects of the current schema, one statement or comment a row, in an order that does not depend on how they came to
-- be. Monthly partitions are left out: which of them exist depends on the date.
with relation as (
  select c.oid, c.relname, c.relkind, c.relispartition, c.reloptions,
    pg_get_expr(c.relpartbound, c.oid) as bound
  from pg_class c
  where c.relnamespace = current_schema()::regnamespace
    and c.relkind in ('r', 'p', 'v')
    and c.relname !~ '_[0-9]{4}_[0-9]{2}$'
),
member as (
  select a.attrelid as oid, 1 as part, a.attnum::integer as place, '' as name,
    format('  %I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
      case a.attidentity when 'a' then ' generated always as identity' else '' end,
      ' default ' || pg_get_expr(d.adbin, d.adrelid),
      case when a.attnotnull then ' not null' else '' end) as line
  from pg_attribute a
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attnum > 0 and not a.attisdropped
  union all
  -- Not null is shown with its column.
  select k.conrelid, 2, 0, k.conname, format('  constraint %I %s', k.conname, pg_get_constraintdef(k.oid, true))
  from pg_constraint k
  where k.contype <> 'n' and k.conrelid <> 0
),
body as (
  select oid, string_agg(line, E',\n' order by part, place, name collate "C") as text
  from member
  group by oid
),
object as (
  select 1 as kind, relname::text as name, 0 as part,
    case
      when relispartition then
        format('create table %I partition of %s %s;', relname,
          (select i.inhparent::regclass from pg_inherits i where i.inhrelid = relation.oid), bound)
      else format(E'create table %I (\n%s\n)%s%s;', relname, body.text,
        case relkind when 'p' then ' partition by ' || pg_get_partkeydef(relation.oid) else '' end,
        ' with (' || array_to_string(reloptions, ', ') || ')')
    end as text
  from relation
  join body using (oid)
  where relkind in ('r', 'p')
  union all
  select 1, relname, 1, format('comment on table %I is %L;', relname, obj_description(oid, 'pg_class'))
  from relation
  where relkind in ('r', 'p') and obj_description(oid, 'pg_class') is not null
  union all
  -- Indexes of a constraint are shown with it, those of a partition with its parent.
  select 1, relation.relname, 2, pg_get_indexdef(i.indexrelid, 0, true) || ';'
  from pg_index i
  join relation on relation.oid = i.indrelid
  where not relation.relispartition
    and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
  union all
  select 2, relname, 0, format(E'create view %I as\n%s', relname, pg_get_viewdef(oid, true))
  from relation
  where relkind = 'v'
  union all
  select 2, relname, 1, format('comment on view %I is %L;', relname, obj_description(oid, 'pg_class'))
  from relation
  where relkind = 'v' and obj_description(oid, 'pg_class') is not null
  union all
  select 3, p.proname::text, 0,
    replace(trim(pg_get_functiondef(p.oid), E'\n'), current_schema() || '.', '') || ';'
  from pg_proc p
  where p.pronamespace = current_schema()::regnamespace
  union all
  select 3, p.proname::text, 1,
    format('comment on function %I is %L;', p.proname, obj_description(p.oid, 'pg_proc'))
  from pg_proc p
  where p.pronamespace = current_schema()::regnamespace and obj_description(p.oid, 'pg_proc') is not null
  union all
  select 4, t.tgname::text, 0, pg_get_triggerdef(t.oid, true) || ';'
  from pg_trigger t
  join relation on relation.oid = t.tgrelid
  where not t.tgisinternal
)
select text
from object
order by kind, name collate "C", part, text collate "C";
