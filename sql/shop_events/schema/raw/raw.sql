-- target: schema raw
-- grain: messages as they came, typed, one table for each kind
-- keys: none
-- reads: nothing
-- params: none
create schema if not exists raw;
