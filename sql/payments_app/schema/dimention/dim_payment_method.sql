-- target: dimention.dim_payment_method
-- grain: one payment method by its code
-- keys: method_sk; method_code
-- reads: nothing
-- params: none
create table if not exists dimention.dim_payment_method (
  method_sk bigint generated always as identity constraint dim_payment_method_pkey primary key,
  method_code text not null constraint dim_payment_method_once unique
);
