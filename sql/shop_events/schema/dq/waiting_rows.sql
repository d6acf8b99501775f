-- target: dq.waiting_rows
-- grain: one row of a source that waits for what it refers to; each load of the target tries it again
-- keys: none
-- reads: dq.rejected_rows
-- params: none
create or replace function dq.waiting_rows(source text, table_name text) returns setof int
language sql stable parallel safe
begin atomic
  select d.row_key::int
  from dq.rejected_rows d
  where d.source = waiting_rows.source
    and d.table_name = waiting_rows.table_name
    and d.severity = 'waiting';
end;
