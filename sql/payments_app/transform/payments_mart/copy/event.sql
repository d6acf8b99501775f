-- target: payments_mart.event
-- grain: one event
-- keys: event_id
-- reads: bi.fct_event, dimention.*
-- params: none
select
  e.event_id,
  e.batch_dt,
  to_char(e.ts at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'),
  coalesce(c.src_id, 0),
  coalesce(e.session_id, ''),
  e.event_name,
  coalesce(e.screen, ''),
  coalesce(g.product_code, '')
from bi.fct_event e
left join dimention.dim_client c using (client_sk)
left join dimention.dim_product g using (product_sk)
