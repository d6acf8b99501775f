-- target: bi.fct_contract
-- grain: one contract of a legal client
-- keys: contract_id
-- reads: nothing
-- params: none
create table if not exists bi.fct_contract (
  contract_id bigint constraint fct_contract_pkey primary key,
  client_sk bigint not null,
  tariff_sk bigint,
  package_code text,
  monthly_fee numeric(18, 2) not null,
  signed_at date not null,
  valid_to date
);
