-- target: the temporary table incoming_clients: what could not be stored because of its passport
-- grain: one record of a file
-- keys: record_number
-- reads: incoming_clients, staging.clients
-- params: part
update incoming_clients i
set reason_code = 'passport_conflict'
where i.reason_code is null
  and not exists (
    select
    from staging.clients t
    where t.client_id = i.client_id
      and (
        coalesce(substring(t.file_name from '_(\d+)\.json$')::int, 0) > @part::int
        or (
          t.fio, t.passport, t.gender, t.birth_date, t.education, t.count_of_children, t.job_type,
          t.region, t.family_status, t.address, t.phone, t.income
        ) is not distinct from (
          i.fio, i.passport, i.gender, i.birth_date, i.education, i.count_of_children, i.job_type,
          i.region, i.family_status, i.address, i.phone, i.income
        )
      )
  );
