-- target: core.clients
-- grain: one client
-- keys: client_id
-- reads: staging.clients
-- params: none
merge into core.clients t
using (
  select
    client_id, fio, passport, gender, birth_date, education, count_of_children, job_type,
    region, family_status, address, phone, income
  from staging.clients
) s
  on t.client_id = s.client_id
when matched and (
  t.fio, t.passport, t.gender, t.birth_date, t.education, t.count_of_children, t.job_type,
  t.region, t.family_status, t.address, t.phone, t.income
) is distinct from (
  s.fio, s.passport, s.gender, s.birth_date, s.education, s.count_of_children, s.job_type,
  s.region, s.family_status, s.address, s.phone, s.income
) then update set
  fio = s.fio,
  passport = s.passport,
  gender = s.gender,
  birth_date = s.birth_date,
  education = s.education,
  count_of_children = s.count_of_children,
  job_type = s.job_type,
  region = s.region,
  family_status = s.family_status,
  address = s.address,
  phone = s.phone,
  income = s.income
when not matched then insert (
  client_id, fio, passport, gender, birth_date, education, count_of_children, job_type, region,
  family_status, address, phone, income
)
values (
  s.client_id, s.fio, s.passport, s.gender, s.birth_date, s.education, s.count_of_children,
  s.job_type, s.region, s.family_status, s.address, s.phone, s.income
);
