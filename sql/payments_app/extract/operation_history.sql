-- target: stage.operation_history
-- grain: changes of status in the window
-- keys: transaction_id, changed_at
-- reads: operation_history of its source, in words that MySQL, PostgreSQL and Oracle share
-- params: from, to
select transaction_id, status, changed_at
from operation_history
where changed_at >= @from and changed_at < @to
