-- target: core.loans
-- grain: one loan of a client
-- keys: id; client_id, loan_name
-- reads: nothing
-- params: none
create table if not exists core.loans (
  id int primary key,
  client_id int not null constraint loans_client_known references core.clients (client_id),
  loan_name text not null,
  loan_amount int not null,
  loan_start_date timestamp not null,
  loan_end_date timestamp not null,
  payment_numbers smallint not null,
  paid_amount int not null,
  constraint loans_unique unique (client_id, loan_name)
);
