-- target: the schemas of the warehouse
-- grain: stage holds raw rows, dimention intermediate sets, bi facts, etl how loads went, dq what they refused
-- keys: none
-- reads: nothing
-- params: none
create schema if not exists etl;
create schema if not exists dq;
create schema if not exists stage;
create schema if not exists dimention;
create schema if not exists bi;
