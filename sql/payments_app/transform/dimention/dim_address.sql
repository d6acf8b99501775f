-- target: dimention.dim_address
-- grain: one address, however it was spelled
-- keys: address_hash
-- reads: nothing
-- params: places
insert into dimention.dim_address (
  address_hash, raw, formatted, lat, lon, precision, region, city, source
)
select p.address_hash, p.raw, p.formatted, p.lat, p.lon, p.precision, p.region, p.city, p.source
from jsonb_to_recordset(@places::jsonb) as p (
  address_hash text, raw text, formatted text, lat numeric, lon numeric, precision text,
  region text, city text, source text
)
on conflict do nothing;
