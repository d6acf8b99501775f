-- target: none, it asks whether init_clickhouse has run
-- grain: one row
-- keys: none
-- reads: system.tables
-- params: none
select count() >= 10 as is_there
from system.tables
where database = 'data_mart'
