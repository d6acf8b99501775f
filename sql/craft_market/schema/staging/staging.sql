-- target: schema staging
-- grain: none
-- keys: none
-- reads: nothing
-- params: none
create schema if not exists staging;
