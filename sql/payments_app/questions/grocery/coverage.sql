-- target: the question: what part of the grocery chains of the reference is connected
-- grain: one kind
-- keys: none
-- reads: payments_mart.vertical_daily
-- params: none
select
  subtype, argMax(connected_chains, date) as connected, argMax(reference_chains, date) as reference,
  round(100 * connected / nullIf(reference, 0), 1) as coverage_percent
from payments_mart.vertical_daily
where vertical = 'grocery'
group by subtype
order by subtype
