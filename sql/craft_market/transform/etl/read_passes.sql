-- target: none, it reads which passes of sample data are in the sources
-- grain: one pass
-- keys: pass
-- reads: etl.generator_passes
-- params: none
select pass, run_id, scale, seed::text as seed, today::text as today
from etl.generator_passes
order by pass;
