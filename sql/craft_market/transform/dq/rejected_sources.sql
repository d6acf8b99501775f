-- target: dq.rejected_rows
-- grain: one staged order that the star cannot take
-- keys: source, table_name, row_key
-- reads: staging.checked_sources
-- params: run_id
with refused as materialized (
  select
    c.source_system,
    concat(
      coalesce(c.order_id::text, '?'),
      '#' || nullif(
        row_number() over (partition by c.source_system, c.order_id order by to_jsonb(c)::text), 1
      )
    ) as row_key,
    c.reason_code,
    to_jsonb(c) - 'reason_code' as payload
  from staging.checked_sources c
  where c.reason_code is not null
), resolved as (
  delete from dq.rejected_rows d
  where d.table_name = 'staging.tmp_sources'
    and not exists (
      select from refused r where r.source_system = d.source and r.row_key = d.row_key
    )
), rejected as (
  insert into dq.rejected_rows as d (
    run_id, source, table_name, row_key, reason_code, severity, payload
  )
  select @run_id::text, source_system, 'staging.tmp_sources', row_key, reason_code, 'error', payload
  from refused
  on conflict on constraint rejected_rows_once do update set
    run_id = excluded.run_id,
    reason_code = excluded.reason_code,
    payload = excluded.payload,
    rejected_at = now()
  where (d.reason_code, d.payload) is distinct from (excluded.reason_code, excluded.payload)
), counted as (
  select
    (select count(*) from staging.tmp_sources) as rows_in,
    (select count(*) from refused) as rows_rejected
)
select
  rows_in,
  rows_in - rows_rejected as rows_out,
  rows_rejected
from counted;
