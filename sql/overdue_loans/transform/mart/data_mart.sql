-- target: mart.data_mart
-- grain: one payment with its loan and its client
-- keys: client_id, loan_name, payment_number
-- reads: core.payments, core.loans, core.clients
-- params: none
create temporary table changed_mart on commit drop as
with wanted as (
  select
    p.client_id, c.fio, c.passport, c.gender::text as gender, c.birth_date,
    c.education::text as education, c.count_of_children, c.job_type::text as job_type, c.region,
    c.family_status::text as family_status, c.income, p.loan_name, l.loan_amount,
    l.loan_start_date, l.loan_end_date, l.paid_amount, p.payment_number, p.payment_date,
    p.payment_fact_date, p.paid_fact_amount, p.status
  from core.payments p
  join core.loans l
    on l.client_id = p.client_id
    and l.loan_name = p.loan_name
  join core.clients c on c.client_id = p.client_id
)
select
  w.client_id, w.fio, w.passport, w.gender, w.birth_date, w.education, w.count_of_children,
  w.job_type, w.region, w.family_status, w.income, w.loan_name, w.loan_amount,
  w.loan_start_date, w.loan_end_date, w.paid_amount, w.payment_number, w.payment_date,
  w.payment_fact_date, w.paid_fact_amount, w.status,
  m.client_id is null as is_new
from wanted w
left join mart.data_mart m
  on m.client_id = w.client_id
  and m.loan_name = w.loan_name
  and m.payment_number = w.payment_number
where m.client_id is null
  or (
    m.fio, m.passport, m.gender, m.birth_date, m.education, m.count_of_children, m.job_type,
    m.region, m.family_status, m.income, m.loan_amount, m.loan_start_date, m.loan_end_date,
    m.paid_amount, m.payment_date, m.payment_fact_date, m.paid_fact_amount, m.status
  ) is distinct from (
    w.fio, w.passport, w.gender, w.birth_date, w.education, w.count_of_children, w.job_type,
    w.region, w.family_status, w.income, w.loan_amount, w.loan_start_date, w.loan_end_date,
    w.paid_amount, w.payment_date, w.payment_fact_date, w.paid_fact_amount, w.status
  );
update mart.data_mart m
set
  fio = s.fio,
  passport = s.passport,
  gender = s.gender,
  birth_date = s.birth_date,
  education = s.education,
  count_of_children = s.count_of_children,
  job_type = s.job_type,
  region = s.region,
  family_status = s.family_status,
  income = s.income,
  loan_amount = s.loan_amount,
  loan_start_date = s.loan_start_date,
  loan_end_date = s.loan_end_date,
  paid_amount = s.paid_amount,
  payment_date = s.payment_date,
  payment_fact_date = s.payment_fact_date,
  paid_fact_amount = s.paid_fact_amount,
  status = s.status
from changed_mart s
where not s.is_new
  and m.client_id = s.client_id
  and m.loan_name = s.loan_name
  and m.payment_number = s.payment_number;
insert into mart.data_mart (
  client_id, fio, passport, gender, birth_date, education, count_of_children, job_type, region,
  family_status, income, loan_name, loan_amount, loan_start_date, loan_end_date, paid_amount,
  payment_number, payment_date, payment_fact_date, paid_fact_amount, status
)
select
  client_id, fio, passport, gender, birth_date, education, count_of_children, job_type, region,
  family_status, income, loan_name, loan_amount, loan_start_date, loan_end_date, paid_amount,
  payment_number, payment_date, payment_fact_date, paid_fact_amount, status
from changed_mart
where is_new;
select
  (select count(*) from core.payments) as rows_in,
  (select count(*) from changed_mart) as rows_out;
