-- target: schemas etl and dq
-- grain: etl holds how loads went, dq holds what they refused
-- keys: none
-- reads: nothing
-- params: none
create schema if not exists etl;
create schema if not exists dq;
