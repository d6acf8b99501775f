-- target: schema external_source
-- grain: none
-- keys: none
-- reads: nothing
-- params: none
create schema if not exists external_source;
