-- target: none, it reads which parts are loaded
-- grain: one part
-- keys: part
-- reads: etl.loaded_parts
-- params: none
select part
from etl.loaded_parts
order by part;
