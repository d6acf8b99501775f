-- target: the question: do those who skip a product view in their first week leave more often
-- grain: one group of users
-- keys: none
-- reads: payments_mart.client, payments_mart.event, payments_mart.client_ltv
-- params: none
select
  if(l.state = 'active', 'others', 'left') as users_group,
  count() as users,
  countIf(not e.acted) as without_action,
  round(100 * without_action / users, 1) as without_action_percent
from payments_mart.client as c
join payments_mart.client_ltv as l on l.client_id = c.client_id
left join (
  select e.client_id as client_id, max(e.date <= k.registered_date + 7) as acted
  from payments_mart.event as e
  join payments_mart.client as k on k.client_id = e.client_id
  where e.event_name = 'product_view'
  group by client_id
) as e on e.client_id = c.client_id
where c.registered_date >= (select min(date) from payments_mart.daily_kpi)
group by users_group
order by users_group
