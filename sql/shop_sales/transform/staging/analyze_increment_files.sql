-- target: none, it counts for the planner
-- grain: the rows that a load of an increment has landed so far
-- keys: none
-- reads: nothing
-- params: none
analyze
  staging.file_user_order_log_increment,
  staging.file_user_activity_log_increment,
  staging.file_customer_research_increment,
  staging.file_price_log_increment;
