-- target: staging.file_user_order_log_increment, staging.file_user_activity_log_increment, staging.file_customer_research_increment, staging.file_price_log_increment
-- grain: the rows that the last load of an increment left behind, taken out
-- keys: none
-- reads: nothing
-- params: none
truncate
  staging.file_user_order_log_increment,
  staging.file_user_activity_log_increment,
  staging.file_customer_research_increment,
  staging.file_price_log_increment;
