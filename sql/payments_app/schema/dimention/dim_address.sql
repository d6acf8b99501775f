-- target: dimention.dim_address
-- grain: one address, however it was spelled
-- keys: address_hash
-- reads: nothing
-- params: none
create table if not exists dimention.dim_address (
  address_hash text constraint dim_address_pkey primary key,
  raw text not null,
  formatted text,
  lat numeric(9, 6),
  lon numeric(9, 6),
  precision text not null,
  region text,
  city text,
  geocoded_at timestamptz not null default now(),
  source text not null constraint dim_address_source_known check (
    source in ('live', 'cache', 'synthetic')
  ),
  constraint dim_address_lat check (lat between -90 and 90),
  constraint dim_address_lon check (lon between -180 and 180)
);
