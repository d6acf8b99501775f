-- target: the question: which kinds of auto centres earn most
-- grain: one kind
-- keys: none
-- reads: payments_mart.merchant_daily
-- params: none
select
  subtype, sum(revenue) as revenue, sum(gpv) as turnover,
  round(100 * revenue / turnover, 2) as margin_percent
from payments_mart.merchant_daily
where vertical = 'auto'
group by subtype
order by revenue desc, subtype
