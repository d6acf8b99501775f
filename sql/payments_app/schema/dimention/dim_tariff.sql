-- target: dimention.dim_tariff
-- grain: one tariff by its code
-- keys: tariff_sk; tariff_code
-- reads: nothing
-- params: none
create table if not exists dimention.dim_tariff (
  tariff_sk bigint generated always as identity constraint dim_tariff_pkey primary key,
  tariff_code text not null constraint dim_tariff_once unique
);
