-- target: staging.clients
-- grain: one client, as last delivered
-- keys: client_id
-- reads: incoming_clients
-- params: part, file_name, load_ts
drop table if exists changed_clients;
create temporary table changed_clients on commit drop as
select
  i.record_number,
  i.client_id, i.fio, i.passport, i.gender, i.birth_date, i.education, i.count_of_children,
  i.job_type, i.region, i.family_status, i.address, i.phone, i.income,
  t.client_id is null as is_new
from incoming_clients i
left join staging.clients t
  on t.client_id = i.client_id
where i.reason_code is null
  and (
    t.client_id is null
    or (
      -- A part that is loaded again takes nothing back that a later part has told.
      coalesce(substring(t.file_name from '_(\d+)\.json$')::int, 0) <= @part::int
      and (
        t.fio, t.passport, t.gender, t.birth_date, t.education, t.count_of_children, t.job_type,
        t.region, t.family_status, t.address, t.phone, t.income
      ) is distinct from (
        i.fio, i.passport, i.gender, i.birth_date, i.education, i.count_of_children, i.job_type,
        i.region, i.family_status, i.address, i.phone, i.income
      )
    )
  )
  -- A passport belongs to who holds it; of several who claim a free one, to the first of the file.
  and not exists (
    select
    from staging.clients holder
    where holder.passport = i.passport
      and holder.client_id <> i.client_id
  )
  and not exists (
    select
    from incoming_clients earlier
    where earlier.passport = i.passport
      and earlier.client_id <> i.client_id
      and earlier.record_number < i.record_number
      and earlier.reason_code is null
  );
update staging.clients t
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
  address = s.address,
  phone = s.phone,
  income = s.income,
  file_name = @file_name::text,
  load_ts = @load_ts::timestamp
from changed_clients s
where not s.is_new
  and t.client_id = s.client_id;
insert into staging.clients (
  client_id, fio, passport, gender, birth_date, education, count_of_children, job_type, region,
  family_status, address, phone, income,
  file_name, load_ts
)
select
  client_id, fio, passport, gender, birth_date, education, count_of_children, job_type, region,
  family_status, address, phone, income,
  @file_name::text, @load_ts::timestamp
from changed_clients
where is_new
order by record_number;
select count(*) as changed
from changed_clients;
