-- target: the question: which chains lead by turnover, which by receipts
-- grain: one chain
-- keys: none
-- reads: payments_mart.merchant_daily
-- params: none
select
  chain, sum(gpv) as turnover, sum(payments) as receipts,
  rank() over (order by turnover desc) as rank_by_turnover,
  rank() over (order by receipts desc) as rank_by_receipts
from payments_mart.merchant_daily
where subtype = 'grocery_chain' and chain != ''
group by chain
order by rank_by_turnover, chain
