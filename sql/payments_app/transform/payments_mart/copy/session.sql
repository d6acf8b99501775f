-- target: payments_mart.session
-- grain: one session
-- keys: session_id
-- reads: bi.fct_session, dimention.dim_client
-- params: none
select
  s.session_id,
  s.batch_dt,
  c.src_id,
  coalesce(s.duration_s, 0),
  coalesce(s.platform, ''),
  s.events,
  s.payments
from bi.fct_session s
join dimention.dim_client c using (client_sk)
