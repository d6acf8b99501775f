-- target: none, it reads the columns of tables or views
-- grain: one column
-- keys: table_name, column_name
-- reads: pg_attribute
-- params: tables
select
  t.table_name,
  a.attname as column_name,
  format_type(a.atttypid, null) as data_type
from unnest(@tables::text[]) as t (table_name)
left join pg_attribute a
  on a.attrelid = to_regclass(t.table_name)
  and a.attnum > 0
  and not a.attisdropped
order by t.table_name, a.attnum;
