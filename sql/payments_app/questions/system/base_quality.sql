-- target: the question: how good is the base
-- grain: one state of clients
-- keys: none
-- reads: payments_mart.client_ltv
-- params: none
select state, count() as clients, sum(ltv) as ltv, countIf(payments > 1) as paid_again
from payments_mart.client_ltv
group by state
order by clients desc, state
