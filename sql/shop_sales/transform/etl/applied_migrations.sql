-- target: none, it reads which migrations are applied
-- grain: one migration
-- keys: migration
-- reads: etl.migrations
-- params: none
select migration
from etl.migrations
order by migration;
