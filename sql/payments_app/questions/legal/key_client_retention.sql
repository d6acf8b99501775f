-- target: the question: are key clients kept
-- grain: one month of the tenth of clients with the highest turnover
-- keys: none
-- reads: payments_mart.legal_monthly
-- params: none
with key_client as (
  select legal_id
  from payments_mart.legal_monthly
  group by legal_id
  order by sum(turnover) desc, legal_id
  limit (select intDiv(uniqExact(legal_id) + 9, 10) from payments_mart.legal_monthly)
)
select
  month, count() as key_clients, sum(is_active) as active,
  round(100 * active / key_clients, 1) as retention_percent
from payments_mart.legal_monthly
where legal_id in (select legal_id from key_client)
group by month
order by month
