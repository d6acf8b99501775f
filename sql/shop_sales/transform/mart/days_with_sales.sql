-- target: none, it reads the first day with sales and the day after the last
-- grain: one row
-- keys: none
-- reads: mart.f_sales
-- params: day_from, day_to
select
  least(min(to_date(date_id::text, 'YYYYMMDD')), @day_from::date) as day_from,
  greatest(max(to_date(date_id::text, 'YYYYMMDD')) + 1, @day_to::date) as day_to
from mart.f_sales;
