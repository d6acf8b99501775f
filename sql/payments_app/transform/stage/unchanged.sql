-- target: stage.app_user, stage.legal_client, stage.ref_merchant
-- grain: rows that say what is stored already, taken out of stage and counted
-- keys: user_id; legal_id; merchant_id
-- reads: dimention.dim_client
-- params: none
create or replace procedure etl.p02_drop_unchanged(p_table text)
language plpgsql
as $$
declare
  v_rows bigint;
begin
  if p_table = 'app_user' then
    delete from stage.app_user s
    using dimention.dim_client d
    where d.client_type = 'person'
      and d.is_current
      and d.src_id::text = s.user_id
      and d.row_hash = etl.row_hash(
        s.full_name, s.birth_date, s.gender, s.address, s.channel, s.registered_at, s.blocked_at
      );
  else
    delete from stage.legal_client s
    using dimention.dim_client d
    where d.client_type = 'legal'
      and d.is_current
      and d.src_id::text = s.legal_id
      and d.row_hash = etl.row_hash(
        s.name, s.unp, s.industry, s.size_class, s.registered_at, s.closed_at
      );
  end if;
  get diagnostics v_rows = row_count;
  update stage.extracted set unchanged = v_rows where table_name = p_table;
end
$$;
