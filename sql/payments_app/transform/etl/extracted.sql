-- target: stage.extracted
-- grain: how many rows of a table came from its source in this run
-- keys: table_name
-- reads: nothing
-- params: table_name, rows
insert into stage.extracted (table_name, rows)
values (@table_name::text, @rows::bigint)
on conflict (table_name) do update set rows = excluded.rows, unchanged = 0;
