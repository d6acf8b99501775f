-- target: core.payments_history
-- grain: one version of a payment that a later one replaced
-- keys: client_id, loan_name, payment_number, version
-- reads: nothing
-- params: none
create table if not exists core.payments_history (
  client_id int not null,
  loan_name text not null,
  payment_number smallint not null,
  version int not null constraint payments_history_version_positive check (version > 0),
  payment_date timestamp not null,
  payment_fact_date timestamp not null,
  paid_fact_amount int not null,
  status boolean not null,
  replaced_by_file text not null,
  replaced_at timestamptz not null default now(),
  primary key (client_id, loan_name, payment_number, version)
);
