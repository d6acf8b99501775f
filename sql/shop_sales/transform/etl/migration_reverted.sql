-- target: etl.migrations
-- grain: one migration that is applied no longer
-- keys: migration
-- reads: nothing
-- params: migration
delete from etl.migrations
where migration = @migration::text;
