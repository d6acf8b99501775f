-- target: schemas etl, dq, staging, core, mart and ops
-- grain: none
-- keys: none
-- reads: nothing
-- params: none
create schema if not exists etl;
create schema if not exists dq;
create schema if not exists staging;
create schema if not exists core;
create schema if not exists mart;
create schema if not exists ops;
