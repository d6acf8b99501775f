-- target: bi.fct_deal
-- grain: one deal of the CRM
-- keys: deal_id
-- reads: stage.crm_deal, dimention.dim_tariff
-- params: none
create or replace procedure etl.p05_fct_deal()
language sql
as $$
  insert into bi.fct_deal (deal_id, company_id, stage, amount, tariff_sk, opened_at, closed_at)
  select distinct on (s.id::bigint)
    s.id::bigint, s.company_id::bigint, s.stage, s.amount::numeric, f.tariff_sk,
    s.opened_at::timestamptz, s.closed_at::timestamptz
  from stage.crm_deal s
  left join dimention.dim_tariff f on f.tariff_code = s.tariff_code
  order by s.id::bigint, s.stage_id desc
  on conflict (deal_id) do update set
    company_id = excluded.company_id, stage = excluded.stage, amount = excluded.amount,
    tariff_sk = excluded.tariff_sk, opened_at = excluded.opened_at, closed_at = excluded.closed_at;
$$;
