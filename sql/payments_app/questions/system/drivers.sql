-- target: the question: which verticals drive growth
-- grain: one vertical and kind
-- keys: none
-- reads: payments_mart.vertical_daily
-- params: none
select vertical, subtype, sum(gpv) as gpv, sum(revenue) as revenue, sum(payments) as payments
from payments_mart.vertical_daily
group by vertical, subtype
order by revenue desc, subtype
