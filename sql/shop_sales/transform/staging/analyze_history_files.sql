-- target: none, it counts for the planner
-- grain: the rows that a load of the base report has landed so far
-- keys: none
-- reads: nothing
-- params: none
analyze
  staging.file_user_order_log_history,
  staging.file_user_activity_log_history,
  staging.file_customer_research_history,
  staging.file_price_log_history;
