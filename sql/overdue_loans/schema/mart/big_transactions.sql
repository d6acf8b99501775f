-- target: mart.big_transactions
-- grain: one payment with its loan and its client, under the name that reports ask for
-- keys: client_id, loan_name, payment_number
-- reads: mart.data_mart
-- params: none
create or replace view mart.big_transactions as
select
  client_id, fio, passport, gender, birth_date, education, count_of_children, job_type, region,
  family_status, income, loan_name, loan_amount, loan_start_date, loan_end_date, paid_amount,
  payment_number, payment_date, payment_fact_date, paid_fact_amount, status
from mart.data_mart;
