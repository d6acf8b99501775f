-- target: dimention.dim_merchant
-- grain: one merchant, as the reference says now
-- keys: merchant_id
-- reads: stage.ref_merchant, dimention.dim_address
-- params: none
create or replace procedure etl.p04_dim_merchant()
language sql
as $$
  merge into dimention.dim_merchant t
  using (
    select distinct on (m.merchant_id)
      m.merchant_id::bigint as merchant_id,
      m.legal_id::bigint as legal_id,
      etl.clean(m.name) as name,
      m.vertical,
      m.subtype,
      etl.clean(m.brand) as brand,
      etl.clean(m.chain) as chain,
      a.region,
      a.city
    from stage.ref_merchant m
    left join dimention.dim_address a on a.address_hash = etl.address_hash(m.address)
    order by m.merchant_id, m.stage_id desc
  ) s on s.merchant_id = t.merchant_id
  when matched
    and (t.legal_id, t.name, t.vertical, t.subtype, t.brand, t.chain, t.region, t.city)
      is distinct from (s.legal_id, s.name, s.vertical, s.subtype, s.brand, s.chain, s.region, s.city)
  then update set
    legal_id = s.legal_id, name = s.name, vertical = s.vertical, subtype = s.subtype,
    brand = s.brand, chain = s.chain, region = s.region, city = s.city
  when not matched then insert (
    merchant_id, legal_id, name, vertical, subtype, brand, chain, region, city
  )
  values (
    s.merchant_id, s.legal_id, s.name, s.vertical, s.subtype, s.brand, s.chain, s.region, s.city
  );
$$;
