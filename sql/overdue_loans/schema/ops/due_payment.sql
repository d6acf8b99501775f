-- target: ops.due_payment
-- grain: one payment with a stage that is due on the day looked at last
-- keys: client_id, loan_name, payment_number
-- reads: nothing
-- params: none
create table if not exists ops.due_payment (
  day date not null,
  client_id int not null,
  loan_name text not null,
  payment_number smallint not null,
  stage text not null,
  channel text not null,
  template_code text not null,
  planned_on date not null,
  days_overdue int not null,
  shortfall int not null,
  risk numeric(7, 6) not null,
  priority numeric(20, 4) not null,
  rank_of_client int not null,
  primary key (client_id, loan_name, payment_number)
);
