-- target: staging.file_user_order_log_history, staging.file_user_activity_log_history, staging.file_customer_research_history, staging.file_price_log_history
-- grain: the rows that the last load of the base report left behind, taken out
-- keys: none
-- reads: nothing
-- params: none
truncate
  staging.file_user_order_log_history,
  staging.file_user_activity_log_history,
  staging.file_customer_research_history,
  staging.file_price_log_history;
