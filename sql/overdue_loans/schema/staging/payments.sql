-- target: staging.payments
-- grain: one planned payment of a loan, as last delivered
-- keys: id; client_id, loan_name, payment_number
-- reads: nothing
-- params: none
create table if not exists staging.payments (
  id serial primary key,
  client_id int not null constraint payments_client_known references staging.clients (client_id),
  loan_name text not null,
  payment_number smallint not null,
  payment_date timestamp not null,
  payment_fact_date timestamp not null,
  paid_fact_amount int not null,
  file_name text not null,
  load_ts timestamp not null,
  constraint payments_unique unique (client_id, loan_name, payment_number),
  constraint payments_loan_known foreign key (client_id, loan_name)
    references staging.loans (client_id, loan_name)
);
