-- target: statistics of what the facts are made from
-- grain: none
-- keys: none
-- reads: stage.transactions, stage.app_event, stage.user_session, dimention.dim_client
-- params: none
analyze stage.transactions, stage.app_event, stage.user_session, dimention.dim_client;
