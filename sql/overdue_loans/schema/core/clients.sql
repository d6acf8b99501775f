-- target: core.clients
-- grain: one client
-- keys: client_id
-- reads: nothing
-- params: none
create table if not exists core.clients (
  client_id int primary key,
  fio text not null,
  passport text not null,
  gender public.gender_enum,
  birth_date date,
  education public.education_enum not null,
  count_of_children smallint,
  job_type public.employment_enum not null,
  region text,
  family_status public.marital_enum,
  address text,
  phone text,
  income int not null,
  constraint clients_passport_unique unique (passport) deferrable initially immediate
);
