-- target: none
-- grain: one policy of reminding
-- keys: policy
-- reads: ops.simulation
-- params: none
select
  policy, letters, notices, calls, hand_overs, suppressed, overdue_contacts, cured, cure_rate,
  cost, cost_per_cured
from ops.simulation
where day = (select max(day) from ops.simulation)
order by policy desc;
