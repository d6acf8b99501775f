-- target: dq.err_dim_address
-- grain: one address that no geocoder can read; its owner is loaded without a region
-- keys: batch_dt, owner, owner_id
-- reads: stage.app_user, stage.ref_merchant
-- params: p_run_id, p_batch_dt
create or replace procedure etl.p03_addresses(p_run_id text, p_batch_dt date)
language plpgsql
as $$
begin
  delete from dq.err_dim_address where batch_dt = p_batch_dt;
  delete from dq.rejected_rows
  where business_dt = p_batch_dt and table_name = 'dimention.dim_address';
  with kept as (
    insert into dq.err_dim_address (run_id, reason_code, owner, owner_id, address, src_system, batch_dt)
    select p_run_id, 'address_unreadable', owner, owner_id, address, src_system, batch_dt
    from (
      select 'user' as owner, user_id as owner_id, address, src_system, batch_dt from stage.app_user
      union all
      select 'merchant', merchant_id, address, src_system, batch_dt from stage.ref_merchant
    ) as addresses
    where etl.clean(address) is not null and etl.is_address(address) is not true
    order by owner, owner_id
    returning err_id, owner, owner_id, src_system
  )
  insert into dq.rejected_rows (
    run_id, business_dt, source, table_name, row_key, reason_code, severity, payload
  )
  select
    p_run_id, p_batch_dt, src_system, 'dimention.dim_address', owner || '/' || owner_id,
    'address_unreadable', 'error',
    jsonb_build_object('err_table', 'dq.err_dim_address', 'err_id', err_id)
  from kept;
end
$$;
