-- target: schemas etl, dq, staging and mart
-- grain: etl holds how loads went, dq what they refused, staging the files, mart the star
-- keys: none
-- reads: nothing
-- params: none
create schema if not exists etl;
create schema if not exists dq;
create schema if not exists staging;
create schema if not exists mart;
