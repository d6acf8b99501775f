-- target: the question: when are the peaks
-- grain: one weekday and hour; 1 is Monday
-- keys: none
-- reads: payments_mart.merchant_hourly, payments_mart.merchant
-- params: none
select
  toDayOfWeek(h.date) as weekday, h.hour as hour, sum(h.payments) as payments, sum(h.gpv) as turnover
from payments_mart.merchant_hourly as h
join payments_mart.merchant as m on m.merchant_id = h.merchant_id
where m.vertical = 'grocery'
group by weekday, hour
order by payments desc, weekday, hour
