-- target: mart.f_customer_retention, mart.customer_retention()
-- grain: none, both are dropped
-- keys: none
-- reads: nothing
-- params: none
drop function mart.customer_retention(date, date, text);

drop table mart.f_customer_retention;
