-- target: dimention.dim_product, dimention.dim_payment_method, dimention.dim_tariff, dimention.dim_channel
-- grain: one code, by the reference or seen in use
-- keys: product_code; method_code; tariff_code; channel_code
-- reads: stage.ref_product, stage.transactions, stage.app_event, stage.sales_csv, stage.contract, stage.crm_deal, stage.app_user, stage.crm_lead, bi.fct_ad_spend
-- params: none
create or replace procedure etl.p04_dim_codes()
language sql
as $$
  insert into dimention.dim_product as t (product_code, name)
  select product_code, max(name)
  from (
    select etl.clean(product_code) as product_code, etl.clean(name) as name from stage.ref_product
    union all
    select distinct etl.clean(product_code), null from stage.transactions
    union all
    select distinct etl.clean(product_code), null from stage.app_event
    union all
    select distinct etl.clean(product_code), null from stage.sales_csv
  ) as codes
  where product_code is not null
  group by product_code
  order by product_code
  on conflict (product_code) do update set name = excluded.name
  where excluded.name is not null and excluded.name is distinct from t.name;
  insert into dimention.dim_payment_method (method_code)
  select distinct payment_method from stage.transactions order by 1
  on conflict do nothing;
  insert into dimention.dim_tariff (tariff_code)
  select tariff_code
  from (select tariff_code from stage.contract union select tariff_code from stage.crm_deal) as codes
  where tariff_code is not null
  order by 1
  on conflict do nothing;
  insert into dimention.dim_channel (channel_code)
  select channel
  from (
    select etl.clean(channel) as channel from stage.app_user
    union
    select etl.clean(channel) from stage.crm_lead
    union
    select channel from bi.fct_ad_spend
  ) as codes
  where channel is not null
  order by 1
  on conflict do nothing;
$$;
