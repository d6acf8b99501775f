-- target: etl.generator_passes
-- grain: one pass of the sample data
-- keys: pass
-- reads: nothing
-- params: pass, run_id, scale, seed, today, written_rows
-- The first pass starts the sources over: what later ones had added is gone.
delete from etl.generator_passes
where @pass::int = 1
  and pass > 1;
insert into etl.generator_passes (pass, run_id, scale, seed, today, written_rows)
values (
  @pass::int, @run_id::text, @scale::text, @seed::bigint, @today::date, @written_rows::bigint
)
on conflict (pass) do update set
  run_id = excluded.run_id,
  scale = excluded.scale,
  seed = excluded.seed,
  today = excluded.today,
  written_rows = excluded.written_rows,
  finished_at = now();
