-- target: bi.fct_deal
-- grain: one deal of the CRM
-- keys: deal_id
-- reads: nothing
-- params: none
create table if not exists bi.fct_deal (
  deal_id bigint constraint fct_deal_pkey primary key,
  company_id bigint,
  stage text,
  amount numeric(18, 2),
  tariff_sk bigint,
  opened_at timestamptz,
  closed_at timestamptz
);
