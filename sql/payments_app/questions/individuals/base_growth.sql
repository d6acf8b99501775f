-- target: the question: how does the base of persons grow
-- grain: one month
-- keys: none
-- reads: payments_mart.client, payments_mart.cohort_retention
-- params: none
select
  toStartOfMonth(registered_date) as month,
  count() as new_users,
  sum(new_users) over (order by month) as base,
  countIf(l.state = 'lost') as lost_since
from payments_mart.client as c
join payments_mart.client_ltv as l on l.client_id = c.client_id
group by month
order by month
