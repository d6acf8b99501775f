-- target: etl.migrations
-- grain: one migration that is applied
-- keys: migration
-- reads: nothing
-- params: migration
insert into etl.migrations (migration)
values (@migration::text);
