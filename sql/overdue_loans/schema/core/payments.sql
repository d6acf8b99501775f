-- target: core.payments
-- grain: one planned payment of a loan; status says that it is overdue
-- keys: id; client_id, loan_name, payment_number
-- reads: nothing
-- params: none
create table if not exists core.payments (
  id int primary key,
  client_id int not null constraint payments_client_known references core.clients (client_id),
  loan_name text not null,
  payment_number smallint not null,
  payment_date timestamp not null,
  payment_fact_date timestamp not null,
  paid_fact_amount int not null,
  status boolean not null,
  constraint payments_unique unique (client_id, loan_name, payment_number),
  constraint payments_loan_known foreign key (client_id, loan_name)
    references core.loans (client_id, loan_name)
);
