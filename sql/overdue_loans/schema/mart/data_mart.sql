-- target: mart.data_mart
-- grain: one payment with its loan and its client
-- keys: client_id, loan_name, payment_number
-- reads: nothing
-- params: none
create table if not exists mart.data_mart (
  client_id int not null,
  fio text not null,
  passport text not null,
  gender text,
  birth_date date,
  education text not null,
  count_of_children smallint,
  job_type text not null,
  region text,
  family_status text,
  income int not null,
  loan_name text not null,
  loan_amount int not null,
  loan_start_date timestamp not null,
  loan_end_date timestamp not null,
  paid_amount int not null,
  payment_number smallint not null,
  payment_date timestamp not null,
  payment_fact_date timestamp not null,
  paid_fact_amount int not null,
  status boolean not null,
  primary key (client_id, loan_name, payment_number)
);
