-- target: the totals that must agree
-- grain: none
-- keys: none
-- reads: src_payments.transactions, dq.rejected_rows, bi.fct_payment, dimention.*
-- params: none
with rejected as (
  select distinct row_key
  from dq.rejected_rows
  where table_name = 'stage.transactions'
), source as (
  select distinct t.transaction_id, t.status, t.currency, t.amount
  from src_payments.transactions t
), sound as (
  select s.transaction_id, s.status, s.currency, s.amount
  from source s
  where s.transaction_id::text not in (select row_key from rejected)
)
select
  (select count(*) from source) as source_transactions,
  (select count(*) from source) - (select count(*) from sound) as rejected_transactions,
  (select count(*) from bi.fct_payment) as bi_payments,
  (
    select jsonb_object_agg(currency, amount order by currency)::text
    from (
      select currency, sum(amount) as amount from sound where status = 'success' group by currency
    ) as by_currency
  ) as source_gpv,
  (
    select jsonb_object_agg(currency, amount order by currency)::text
    from (
      select currency, sum(amount) as amount
      from bi.fct_payment
      where status = 'success'
      group by currency
    ) as by_currency
  ) as bi_gpv,
  (
    select coalesce(sum(amount_byn), 0) from bi.fct_payment where status = 'success'
  ) as gpv_byn,
  (
    select coalesce(sum(fee_byn - cashback_byn), 0) from bi.fct_payment where status = 'success'
  ) as revenue_byn,
  (select count(*) from bi.fct_payment where status = 'success') as successful_payments,
  (
    select count(*) from dimention.dim_address where source = 'live'
  ) + (select count(*) from dimention.currency_rate where source = 'live') as live_values,
  (select count(*) from etl.blocked_batch where resumed_at is null) as blocked_batches
