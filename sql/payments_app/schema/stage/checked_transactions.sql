-- target: stage.checked_transactions
-- grain: one row of stage.transactions with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.transactions, stage.known_users, stage.known_merchants, etl.allowed_code
-- params: none
create or replace view stage.checked_transactions as
select
  t.stage_id,
  case
    when etl.is_bigint(t.transaction_id) is not true then 'transaction_id_invalid'
    when etl.is_moment(t.trans_date) is not true then 'trans_date_invalid'
    when etl.is_money(t.amount) is not true then 'amount_invalid'
    when etl.is_money(t.fee_amount) is false then 'fee_amount_invalid'
    when etl.is_money(t.cashback_amount) is false then 'cashback_amount_invalid'
    when t.amount::numeric < 0 then 'amount_negative'
    when t.trans_date::timestamptz >= etl.day_start(t.batch_dt + 2) then 'date_in_future'
    when t.currency is null or t.currency !~ '^[A-Z]{3}$' then 'currency_unknown'
    when t.status is null
      or t.status not in (select code from etl.allowed_code where domain = 'status')
      then 'status_unknown'
    when t.operation_type is null
      or t.operation_type not in (select code from etl.allowed_code where domain = 'operation_type')
      then 'operation_type_unknown'
    when t.payment_method is null
      or t.payment_method not in (select code from etl.allowed_code where domain = 'payment_method')
      then 'payment_method_unknown'
    when u.user_id is null then 'user_unknown'
    when t.merchant_id is not null and m.merchant_id is null then 'merchant_unknown'
  end as reason_code
from stage.transactions t
left join stage.known_users u on u.user_id = t.payer_user_id
left join stage.known_merchants m on m.merchant_id = t.merchant_id;
