-- target: src_payments.transactions
-- grain: a view that the last day's transactions have not reached
-- keys: none
-- reads: src_payments.transactions_whole
-- params: none
alter table src_payments.transactions rename to transactions_whole;
create view src_payments.transactions as
select *
from src_payments.transactions_whole
where etl.day_of(trans_date) < (select max(etl.day_of(trans_date)) from src_payments.transactions_whole where trans_date < '2099-01-01');
