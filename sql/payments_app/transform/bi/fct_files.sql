-- target: bi.fct_partner_sale, bi.fct_server_log
-- grain: one sold line; lines of a log file by day, level and service
-- keys: sale_id; file_name, date, level, service
-- reads: stage.sales_csv, stage.server_log, dimention.dim_merchant, dimention.dim_product
-- params: none
create or replace procedure etl.p05_fct_files()
language sql
as $$
  insert into bi.fct_partner_sale (
    sale_id, sold_at, merchant_sk, product_sk, quantity, amount, currency, comment, file_name
  )
  select
    s.sale_id::bigint, s.sold_at::timestamptz, m.merchant_sk, p.product_sk, s.quantity::int,
    s.amount::numeric, s.currency, s.comment, s.file_name
  from stage.sales_csv s
  join dimention.dim_merchant m on m.merchant_id = s.merchant_id::bigint
  left join dimention.dim_product p on p.product_code = etl.clean(s.product_code)
  order by s.stage_id
  on conflict (sale_id) do update set
    sold_at = excluded.sold_at, merchant_sk = excluded.merchant_sk,
    product_sk = excluded.product_sk, quantity = excluded.quantity, amount = excluded.amount,
    currency = excluded.currency, comment = excluded.comment, file_name = excluded.file_name;
  delete from bi.fct_server_log
  where file_name in (select file_name from stage.server_log);
  insert into bi.fct_server_log (file_name, date, level, service, lines)
  select file_name, logged_at::timestamptz::date, level, coalesce(service, ''), count(*)
  from stage.server_log
  group by 1, 2, 3, 4;
$$;
