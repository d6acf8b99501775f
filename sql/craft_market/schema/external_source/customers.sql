-- target: external_source.customers
-- grain: one customer
-- keys: customer_id
-- reads: nothing
-- params: none
create table if not exists external_source.customers (
  customer_id bigint generated always as identity primary key,
  customer_name varchar,
  customer_address varchar,
  customer_birthday date,
  customer_email varchar not null
);
