-- target: dwh.d_craftsman
-- grain: one craftsman, as last told by a source
-- keys: craftsman_id; naturally craftsman_name, craftsman_email
-- reads: nothing
-- params: none
create table if not exists dwh.d_craftsman (
  craftsman_id bigint generated always as identity primary key,
  craftsman_name varchar not null,
  craftsman_address varchar not null,
  craftsman_birthday date not null,
  craftsman_email varchar not null,
  load_dttm timestamp not null,
  constraint d_craftsman_natural_key unique (craftsman_name, craftsman_email)
);
create index if not exists d_craftsman_load_dttm on dwh.d_craftsman (load_dttm);
