-- target: the temporary table incoming_payments
-- grain: one record of a file
-- keys: record_number
-- reads: nothing
-- params: none
create temporary table incoming_payments (
  record_number int not null,
  client_id int,
  loan_name text,
  payment_number smallint,
  payment_date timestamp,
  payment_fact_date timestamp,
  paid_fact_amount int,
  reason_code text,
  payload jsonb
) on commit drop;
