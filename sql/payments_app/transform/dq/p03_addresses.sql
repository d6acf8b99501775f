-- target: dq.err_dim_address
-- grain: one address that no geocoder can read; its owner is loaded without a region
-- keys: batch_dt, owner, owner_id
-- reads: stage.app_user, stage.ref_merchant
-- params: p_run_id, p_batch_dt
create or replace procedure etl.p03_addresses(p_run_id text, p_batch_dt date)
language plpgsql
as $$
begin
  -- Of owners that have not changed nothing is staged: what was said of them stays.
  create temporary table address on commit drop as
  select 'user' as owner, user_id as owner_id, address, src_system, batch_dt from stage.app_user
  union all
  select 'merchant', merchant_id, address, src_system, batch_dt from stage.ref_merchant;
  delete from dq.err_dim_address e
  using address a
  where a.owner = e.owner and a.owner_id = e.owner_id;
  delete from dq.rejected_rows r
  using address a
  where r.table_name = 'dimention.dim_address' and r.row_key = a.owner || '/' || a.owner_id;
  with kept as (
    insert into dq.err_dim_address (run_id, reason_code, owner, owner_id, address, src_system, batch_dt)
    select p_run_id, 'address_unreadable', owner, owner_id, address, src_system, batch_dt
    from address
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
  drop table address;
end
$$;
