-- target: the question: who are the most valuable clients
-- grain: one client of the top decile, the first twenty
-- keys: none
-- reads: payments_mart.client_ltv
-- params: none
select client_id, channel, rfm, payments, gpv, ltv, state
from payments_mart.client_ltv
where gpv >= (select quantileExact(0.9)(gpv) from payments_mart.client_ltv where payments > 0)
order by gpv desc, client_id
limit 20
