-- target: stage.contract
-- grain: all contracts
-- keys: contract_id
-- reads: contract of its source, in words that MySQL, PostgreSQL and Oracle share
-- params: none
select
  contract_id, legal_id, tariff_code, package_code, monthly_fee,
  to_char(signed_at, 'YYYY-MM-DD') as signed_at, to_char(valid_to, 'YYYY-MM-DD') as valid_to
from contract
