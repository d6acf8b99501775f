-- target: bi.v_payment, bi.v_activity
-- grain: one payment with its client; one day on which a client was active
-- keys: transaction_id; client_id, date
-- reads: bi.fct_payment, bi.fct_event, dimention.dim_client
-- params: none
create or replace view bi.v_payment as
select
  p.transaction_id, p.batch_dt as date, p.ts, c.src_id as client_id, p.amount_byn, p.fee_byn,
  p.cashback_byn, p.fee_byn - p.cashback_byn as revenue_byn, p.status
from bi.fct_payment p
join dimention.dim_client c using (client_sk);
create or replace view bi.v_activity as
select client_id, date from bi.v_payment where status = 'success'
union
select c.src_id, e.batch_dt
from bi.fct_event e
join dimention.dim_client c using (client_sk);
