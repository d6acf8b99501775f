-- target: src_payments.transactions
-- grain: a view with a payment in a currency that the bank does not quote here
-- keys: none
-- reads: src_payments.transactions_whole
-- params: none
alter table src_payments.transactions rename to transactions_whole;
create view src_payments.transactions as
select
  transaction_id, trans_date, payer_user_id, merchant_id, product_code, operation_type,
  payment_method, amount,
  case
    when transaction_id = (
      select min(transaction_id)
      from src_payments.transactions_whole
      where etl.day_of(trans_date) = (select max(etl.day_of(trans_date)) from src_payments.transactions_whole where trans_date < '2099-01-01') and status = 'success'
    ) then 'PLN'
    else currency
  end as currency,
  fee_amount, cashback_amount, status, session_id
from src_payments.transactions_whole;
