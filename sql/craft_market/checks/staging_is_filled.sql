-- target: none, it looks whether anything is staged
-- grain: one staged order
-- keys: none
-- reads: staging.tmp_sources
-- params: none
-- A crash of the server empties unlogged tables: a run that went on then would pass by every change.
select source_system
from staging.tmp_sources
limit 1;
