-- name: ProviderCacheExist
select to_regclass('etl.provider_cache') is not null
   and to_regclass('etl.provider_block') is not null as exists;

-- name: ProviderCacheCreate
-- The lock keeps two first runs apart.
select pg_advisory_xact_lock(hashtextextended('etl.provider_cache', 0));
create schema if not exists etl;
create table if not exists etl.provider_cache (
  provider text not null,
  cache_key text not null,
  value jsonb not null,
  fetched_at timestamptz not null default now(),
  constraint provider_cache_pkey primary key (provider, cache_key)
);
comment on table etl.provider_cache is 'The last live answer of an outside service to a request';
create table if not exists etl.provider_block (
  provider text not null,
  dag_id text not null,
  run_id text not null,
  reason text not null,
  blocked_at timestamptz not null default now(),
  constraint provider_block_pkey primary key (provider, dag_id, run_id)
);
comment on table etl.provider_block is 'A service that is not asked any more in a run';

-- name: ProviderCacheStart
select
  exists (select 1 from etl.provider_cache where provider = @provider) as has_values,
  (
    select reason
    from etl.provider_block
    where provider = @provider
      and dag_id = @dag_id
      and run_id = @run_id
  ) as block_reason;

-- name: ProviderCacheGet
select value
from etl.provider_cache
where provider = @provider
  and cache_key = @cache_key;

-- name: ProviderCacheGetLatest
-- A request that cannot be answered takes the latest value whose key starts alike.
select value
from etl.provider_cache
where provider = @provider
  and starts_with(cache_key, @prefix)
order by fetched_at desc, cache_key desc
limit 1;

-- name: ProviderCachePut
insert into etl.provider_cache (provider, cache_key, value)
values (@provider, @cache_key, @value::jsonb)
on conflict (provider, cache_key) do update
set value = excluded.value,
    fetched_at = now();

-- name: ProviderCacheBlock
insert into etl.provider_block (provider, dag_id, run_id, reason)
values (@provider, @dag_id, @run_id, @reason)
on conflict do nothing;
