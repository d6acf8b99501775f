-- target: the temporary table incoming_clients: what repeats a key of its file
-- grain: one record of a file
-- keys: record_number
-- reads: incoming_clients
-- params: none
analyze incoming_clients;
with first as (
  select client_id, min(record_number) as record_number
  from incoming_clients
  where reason_code is null
  group by client_id
  having count(*) > 1
)
update incoming_clients i
set reason_code = case
  when (
    i.fio, i.passport, i.gender, i.birth_date, i.education, i.count_of_children, i.job_type,
    i.region, i.family_status, i.address, i.phone, i.income
  ) is distinct from (
    f.fio, f.passport, f.gender, f.birth_date, f.education, f.count_of_children, f.job_type,
    f.region, f.family_status, f.address, f.phone, f.income
  ) then 'duplicate_key'
  else 'exact_duplicate'
end
from first
join incoming_clients f on f.record_number = first.record_number
where i.client_id = first.client_id
  and i.record_number > first.record_number
  and i.reason_code is null;
