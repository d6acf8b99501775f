-- target: etl.generator_pass
-- grain: one pass of sample data
-- keys: pass
-- reads: nothing
-- params: pass, scale, seed, today
insert into etl.generator_pass (pass, scale, seed, today)
values (@pass::int, @scale::text, @seed::bigint, @today::date);
