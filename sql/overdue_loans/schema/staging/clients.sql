-- target: staging.clients
-- grain: one client, as last delivered
-- keys: client_id; passport
-- reads: nothing
-- params: none
create table if not exists staging.clients (
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
  file_name text not null,
  load_ts timestamp not null,
  -- Checked at the end of a statement, so that passports may move among the clients of one part.
  constraint clients_passport_unique unique (passport) deferrable initially immediate
);
