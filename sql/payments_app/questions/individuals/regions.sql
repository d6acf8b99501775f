-- target: the question: from which regions are the users
-- grain: one region
-- keys: none
-- reads: payments_mart.client, payments_mart.client_ltv
-- params: none
select
  if(c.region = '', 'unknown', toString(c.region)) as region_name,
  count() as users,
  sum(l.gpv) as gpv
from payments_mart.client as c
join payments_mart.client_ltv as l on l.client_id = c.client_id
group by region_name
order by users desc, region_name
