-- target: none, it reads how many orders each source has
-- grain: one source
-- keys: source_system
-- reads: staging.tmp_sources
-- params: none
select source_system, count(*)::int as orders
from staging.tmp_sources
group by source_system
order by source_system;
