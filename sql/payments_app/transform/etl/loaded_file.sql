-- target: etl.loaded_file
-- grain: one file by its content
-- keys: file_name
-- reads: nothing
-- params: name, sha256, size, rows
insert into etl.loaded_file (file_name, sha256, size_bytes, rows)
values (@name::text, @sha256::text, @size::bigint, @rows::bigint)
on conflict (file_name) do update set
  sha256 = excluded.sha256, size_bytes = excluded.size_bytes, rows = excluded.rows,
  loaded_at = now();
