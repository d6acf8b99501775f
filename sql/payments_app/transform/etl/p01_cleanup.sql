-- target: etl.p01_cleanup
-- grain: the daily tables of stage and dimention, emptied; addresses, rates and history stay
-- keys: none
-- reads: etl.blocked_batch
-- params: p_batch_dt
create or replace procedure etl.p01_cleanup(p_batch_dt date)
language plpgsql
as $$
declare
  v_blocked date;
begin
  select min(batch_dt) into v_blocked from etl.blocked_batch where resumed_at is null;
  if v_blocked is not null then
    raise exception 'Batch "%" waits behind batch "%", which a critical check blocked; correct its source and run payments_resume',
      p_batch_dt, v_blocked;
  end if;
  truncate
    stage.crm_company,
    stage.crm_contact,
    stage.crm_deal,
    stage.crm_lead,
    stage.transactions,
    stage.operation_history,
    stage.ref_product,
    stage.ref_merchant,
    stage.app_event,
    stage.legal_client,
    stage.contract,
    stage.app_user,
    stage.user_setting,
    stage.user_session,
    stage.sales_csv,
    stage.server_log,
    stage.control_total,
    stage.extracted,
    dimention.tmp_session_agg
    restart identity;
end
$$;
