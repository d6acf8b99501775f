-- target: the question: how many clients are lost, and at which step
-- grain: one step of the funnel
-- keys: none
-- reads: payments_mart.funnel_daily
-- params: none
select
  step,
  users,
  round(100 * users / max(users) over (), 1) as of_first_percent,
  round(100 * users / lagInFrame(users, 1, users) over (order by step_no), 1) as of_previous_percent
from (
  select step_no, step, sum(users) as users
  from payments_mart.funnel_daily
  group by step_no, step
)
order by step_no
