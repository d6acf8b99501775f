-- target: staging.file_user_order_log, staging.file_user_activity_log, staging.file_customer_research, staging.file_price_log
-- grain: the rows that the last load of the base report, or of an increment, left behind
-- keys: none
-- reads: nothing
-- params: load_key
delete from staging.file_user_order_log
where (load_key = 'history') = (@load_key::text = 'history');

delete from staging.file_user_activity_log
where (load_key = 'history') = (@load_key::text = 'history');

delete from staging.file_customer_research
where (load_key = 'history') = (@load_key::text = 'history');

delete from staging.file_price_log
where (load_key = 'history') = (@load_key::text = 'history');
