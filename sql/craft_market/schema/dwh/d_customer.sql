-- target: dwh.d_customer
-- grain: one customer, as last told by a source
-- keys: customer_id; naturally customer_name, customer_email
-- reads: nothing
-- params: none
create table if not exists dwh.d_customer (
  customer_id bigint generated always as identity primary key,
  customer_name varchar not null,
  customer_address varchar,
  customer_birthday date,
  customer_email varchar not null,
  load_dttm timestamp not null,
  constraint d_customer_natural_key unique (customer_name, customer_email)
);
create index if not exists d_customer_load_dttm on dwh.d_customer (load_dttm);
