-- target: dimention.dim_merchant
-- grain: one merchant of the reference, connected or not
-- keys: merchant_sk; merchant_id
-- reads: nothing
-- params: none
create table if not exists dimention.dim_merchant (
  merchant_sk bigint generated always as identity constraint dim_merchant_pkey primary key,
  merchant_id bigint not null constraint dim_merchant_once unique,
  legal_id bigint,
  name text,
  vertical text,
  subtype text,
  brand text,
  chain text,
  region text,
  city text
);
