-- target: dq.err_<table>, dq.rejected_rows, etl.load_count
-- grain: exact copies in a staged table removed, rows that break a rule moved to dq.err_<table> and pointed at
-- keys: batch_dt, table
-- reads: stage.<table>, stage.checked_<table>, stage.extracted
-- params: p_run_id, p_batch_dt, p_table
create or replace procedure etl.p03_divert(p_run_id text, p_batch_dt date, p_table text)
language plpgsql
as $$
declare
  v_columns text;
  v_key text;
  v_in bigint;
  v_unchanged bigint;
  v_copies bigint;
  v_rejected bigint;
begin
  select
    string_agg(quote_ident(attname), ', ' order by attnum),
    (array_agg(quote_ident(attname) order by attnum))[1]
  into v_columns, v_key
  from pg_attribute
  where attrelid = format('stage.%I', p_table)::regclass
    and attnum > 0
    and not attisdropped
    and attname not in ('stage_id', 'load_ts', 'src_system', 'batch_dt');
  execute format('delete from dq.err_%s where batch_dt = $1', p_table) using p_batch_dt;
  delete from dq.rejected_rows
  where business_dt = p_batch_dt and table_name = 'stage.' || p_table;
  execute format('analyze stage.%I', p_table);
  -- Whole rows are compared only where their hashes meet: sorting every row outgrows memory at scale.
  execute format(
    'with met as materialized (
       select hash_record_extended(row(%2$s), 0) as row_hash from stage.%1$I
       group by 1 having count(*) > 1
     ), copied as (
       select stage_id, row_number() over (partition by %2$s order by stage_id) as copy
       from stage.%1$I
       where hash_record_extended(row(%2$s), 0) in (select row_hash from met)
     )
     delete from stage.%1$I s using copied c where c.stage_id = s.stage_id and c.copy > 1',
    p_table, v_columns
  );
  get diagnostics v_copies = row_count;
  execute format(
    'with bad as materialized (
       select stage_id, reason_code from stage.checked_%1$s where reason_code is not null
     ), taken as (
       delete from stage.%1$I s using bad b where b.stage_id = s.stage_id
       returning s.*, b.reason_code
     ), kept as (
       insert into dq.err_%1$s (run_id, reason_code, src_system, batch_dt, %2$s)
       select $1, reason_code, src_system, batch_dt, %2$s from taken order by stage_id
       returning err_id, reason_code, src_system, %3$s as row_key
     )
     insert into dq.rejected_rows (
       run_id, business_dt, source, table_name, row_key, reason_code, severity, payload
     )
     select $1, $2, src_system, $3, coalesce(row_key, err_id::text), reason_code, ''error'',
       jsonb_build_object(''err_table'', ''dq.err_%1$s'', ''err_id'', err_id)
     from kept',
    p_table, v_columns, v_key
  ) using p_run_id, p_batch_dt, 'stage.' || p_table;
  get diagnostics v_rejected = row_count;
  select rows, unchanged into v_in, v_unchanged from stage.extracted where table_name = p_table;
  insert into etl.load_count (
    batch_dt, table_name, run_id, rows_in, rows_out, rows_rejected, rows_duplicate, rows_filtered
  )
  values (
    p_batch_dt, p_table, p_run_id, coalesce(v_in, 0),
    coalesce(v_in, 0) - coalesce(v_unchanged, 0) - v_copies - v_rejected,
    v_rejected, v_copies, coalesce(v_unchanged, 0)
  )
  on conflict (batch_dt, table_name) do update set
    run_id = excluded.run_id,
    rows_in = excluded.rows_in,
    rows_out = excluded.rows_out,
    rows_rejected = excluded.rows_rejected,
    rows_duplicate = excluded.rows_duplicate,
    rows_filtered = excluded.rows_filtered;
end
$$;
