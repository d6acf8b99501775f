-- target: none
-- grain: one value of a trait of clients
-- keys: trait, value
-- reads: mart.data_mart
-- params: from, to
select
  trait.name as trait,
  trait.value,
  count(*)::int as payments,
  count(*) filter (where m.status)::int as overdue,
  round(100.0 * count(*) filter (where m.status) / count(*), 2) as pct_overdue
from mart.data_mart m
cross join lateral (
  values
    ('region', coalesce(nullif(m.region, ''), 'unknown')),
    ('gender', coalesce(m.gender, 'unknown')),
    ('job_type', m.job_type)
) trait (name, value)
where m.payment_date >= @from::date
  and m.payment_date < @to::date
group by trait.name, trait.value
order by trait.name, overdue desc, trait.value;
