-- target: schema source1
-- grain: none
-- keys: none
-- reads: nothing
-- params: none
create schema if not exists source1;
