-- target: src_payments.transactions
-- grain: the transactions whose status changes on the day of a pass
-- keys: transaction_id
-- reads: src_payments.operation_history
-- params: from, to
update src_payments.transactions t
set status = h.status
from src_payments.operation_history h
where h.transaction_id = t.transaction_id
  and h.changed_at >= @from::timestamptz
  and h.changed_at < @to::timestamptz
  and t.status in (select code from etl.allowed_code where domain = 'status');
