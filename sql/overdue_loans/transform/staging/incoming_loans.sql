-- target: the temporary table incoming_loans
-- grain: one record of a file
-- keys: record_number
-- reads: nothing
-- params: none
create temporary table incoming_loans (
  record_number int not null,
  client_id int,
  loan_name text,
  loan_amount int,
  loan_start_date timestamp,
  loan_end_date timestamp,
  payment_numbers smallint,
  paid_amount int,
  reason_code text,
  payload jsonb
) on commit drop;
