-- target: the temporary table incoming_clients
-- grain: one record of a file
-- keys: record_number
-- reads: nothing
-- params: none
create temporary table incoming_clients (
  record_number int not null,
  client_id int,
  fio text,
  passport text,
  gender public.gender_enum,
  birth_date date,
  education public.education_enum,
  count_of_children smallint,
  job_type public.employment_enum,
  region text,
  family_status public.marital_enum,
  address text,
  phone text,
  income int,
  reason_code text,
  payload jsonb
) on commit drop;
