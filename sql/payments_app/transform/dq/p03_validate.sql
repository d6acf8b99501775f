-- target: etl.p03_validate
-- grain: the staged batch, checked; what stops it is in p_problems, what may pass is in dq
-- keys: batch_dt
-- reads: stage.*, dimention.currency_rate, etl.blocked_batch
-- params: p_run_id, p_batch_dt, p_problems
create or replace procedure etl.p03_validate(
  p_run_id text, p_batch_dt date, inout p_problems jsonb
)
language plpgsql
as $$
declare
  v_accepted text[];
  v_table text;
begin
  select coalesce(max(accepted), '{}') into v_accepted
  from etl.blocked_batch
  where batch_dt = p_batch_dt and resumed_at is not null;
  create temporary table problem (code text, message text) on commit drop;

  insert into problem
  select 'transactions_empty', format('No transaction of %s was found', p_batch_dt)
  where not exists (select 1 from stage.transactions);

  insert into problem
  select 'control_total',
    format('Transactions with status "%s" sum up to %s, their source says %s', status, staged_sum, expected)
  from (
    select status, sum(staged) as staged_sum, sum(control) as expected
    from (
      select status, amount::numeric as staged, 0 as control
      from stage.transactions
      where etl.is_money(amount)
      union all
      select status, 0, amount::numeric from stage.control_total
    ) as amounts
    group by status
  ) as totals
  where abs(staged_sum - expected) > 0.005 * abs(expected);

  foreach v_table in array array[
    'app_user', 'legal_client', 'ref_merchant', 'ref_product', 'crm_company', 'crm_contact',
    'crm_deal', 'crm_lead', 'contract', 'user_setting', 'operation_history', 'transactions',
    'user_session', 'app_event', 'sales_csv', 'server_log'
  ] loop
    call etl.p03_divert(p_run_id, p_batch_dt, v_table);
  end loop;
  call etl.p03_addresses(p_run_id, p_batch_dt);

  insert into problem
  select 'transaction_conflict',
    format('Transaction "%s" came %s times with different values', transaction_id, count(*))
  from stage.transactions
  group by transaction_id
  having count(*) > 1;

  -- Materialized, so that a rate is looked up once for each day and currency, not for each row.
  insert into problem
  with used as materialized (
    select distinct currency, etl.day_of(trans_date::timestamptz) as day from stage.transactions
  )
  select 'rate_missing', format('%s has no rate for %s or the seven days before', currency, day)
  from used
  where dimention.rate_on(day, currency) is null;

  delete from dq.rejected_rows
  where business_dt = p_batch_dt and table_name = 'batch';
  insert into dq.rejected_rows (
    run_id, business_dt, source, table_name, row_key, reason_code, severity, payload
  )
  select
    p_run_id, p_batch_dt, 'batch', 'batch', p_batch_dt::text, code,
    case when code = any (v_accepted) or is_weekend then 'warning' else 'critical' end,
    jsonb_build_object('message', message)
  from (
    select
      code, message,
      code = 'transactions_empty' and extract(isodow from p_batch_dt) > 5 as is_weekend
    from problem
  ) as judged
  order by code, message;

  select coalesce(jsonb_agg(jsonb_build_object('code', reason_code, 'message', payload ->> 'message')
    order by rejected_row_id), '[]')
  into p_problems
  from dq.rejected_rows
  where business_dt = p_batch_dt and table_name = 'batch' and severity = 'critical';
  drop table problem;
end
$$;
