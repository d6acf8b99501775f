-- target: src_payments.transactions
-- grain: a view in which one transaction has two amounts
-- keys: none
-- reads: src_payments.transactions_whole
-- params: none
alter table src_payments.transactions rename to transactions_whole;
create view src_payments.transactions as
select * from src_payments.transactions_whole
union all
(
  select
    transaction_id, trans_date, payer_user_id, merchant_id, product_code, operation_type,
    payment_method, amount + 1, currency, fee_amount, cashback_amount, status, session_id
  from src_payments.transactions_whole
  where etl.day_of(trans_date) = (select max(etl.day_of(trans_date)) from src_payments.transactions_whole where trans_date < '2099-01-01') and status = 'success'
  order by transaction_id
  limit 1
);
