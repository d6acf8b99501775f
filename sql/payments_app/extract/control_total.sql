-- target: stage.control_total
-- grain: what the source says of the same transactions, by status
-- keys: status
-- reads: control_total of its source, in words that MySQL, PostgreSQL and Oracle share
-- params: from, to, tomorrow, above
select t.status, count(*) as row_count, sum(t.amount) as amount
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
group by t.status
