-- target: etl.loaded_parts
-- grain: one part that is in every layer
-- keys: part
-- reads: nothing
-- params: part, run_id
insert into etl.loaded_parts (part, run_id)
values (@part::int, @run_id::text)
on conflict (part) do update set
  run_id = excluded.run_id,
  loaded_at = now();
