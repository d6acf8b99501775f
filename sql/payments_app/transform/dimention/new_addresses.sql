-- target: the addresses to look up
-- grain: one address that has not been seen, in one of its spellings
-- keys: address_hash
-- reads: stage.app_user, stage.ref_merchant, dimention.dim_address
-- params: none
select address_hash, min(raw) as raw
from (
  select etl.address_hash(address) as address_hash, etl.clean(address) as raw from stage.app_user
  union all
  select etl.address_hash(address), etl.clean(address) from stage.ref_merchant
) as addresses
where etl.is_address(raw)
  and not exists (
    select 1 from dimention.dim_address d where d.address_hash = addresses.address_hash
  )
group by address_hash
order by address_hash
