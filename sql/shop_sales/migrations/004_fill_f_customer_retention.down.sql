-- target: mart.f_customer_retention
-- grain: none, the weeks are taken out
-- keys: period_name, period_year, period_id, item_id
-- reads: nothing
-- params: none
delete from mart.f_customer_retention
where period_name = 'weekly';
