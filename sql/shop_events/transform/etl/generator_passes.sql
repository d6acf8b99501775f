-- target: etl.generator_passes
-- grain: one finished pass of the generator at one scale
-- keys: scale, pass
-- reads: nothing
-- params: scale, pass, seed, today, messages
insert into etl.generator_passes (scale, pass, seed, today, messages)
values (@scale::text, @pass::int, @seed::bigint, @today::date, @messages::bigint)
on conflict (scale, pass) do update set
  seed = excluded.seed,
  today = excluded.today,
  messages = excluded.messages,
  finished_at = now();
