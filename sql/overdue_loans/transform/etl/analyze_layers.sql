-- target: statistics of the layers
-- grain: none
-- keys: none
-- reads: staging, core, mart
-- params: none
analyze
  staging.clients, staging.loans, staging.payments, core.clients, core.loans, core.payments,
  mart.data_mart;
