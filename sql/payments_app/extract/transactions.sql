-- target: stage.transactions
-- grain: transactions of the window; late ones, above the mark of earlier batches; those whose status changed in the window
-- keys: transaction_id
-- reads: transactions of its source, in words that MySQL, PostgreSQL and Oracle share
-- params: from, to, tomorrow, above
select
  t.transaction_id, t.trans_date, t.payer_user_id, t.merchant_id, t.product_code,
  t.operation_type, t.payment_method, t.amount, t.currency, t.fee_amount, t.cashback_amount,
  t.status, t.session_id
from transactions t
where (t.trans_date >= @from and t.trans_date < @to)
  or (t.transaction_id > @above and t.trans_date < @from)
  or (
    t.transaction_id > @above
    and t.trans_date >= @tomorrow
    and t.transaction_id <= (
      select max(w.transaction_id)
      from transactions w
      where w.trans_date >= @from and w.trans_date < @to
    )
  )
  or (
    t.trans_date < @from
    and t.transaction_id in (
      select h.transaction_id
      from operation_history h
      where h.changed_at >= @from and h.changed_at < @to
    )
  )
