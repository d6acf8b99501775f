-- target: schema dds
-- grain: cleaned entities, each once
-- keys: none
-- reads: nothing
-- params: none
create schema if not exists dds;
