-- target: schema source2
-- grain: none
-- keys: none
-- reads: nothing
-- params: none
create schema if not exists source2;
