-- target: dimention.dim_date
-- grain: one calendar day, 2015 to 2035
-- keys: date_sk
-- reads: nothing
-- params: none
create table if not exists dimention.dim_date (
  date_sk int constraint dim_date_pkey primary key,
  date date not null constraint dim_date_once unique,
  year int not null,
  quarter int not null,
  month int not null,
  day int not null,
  iso_weekday int not null,
  is_business_day boolean not null
);
insert into dimention.dim_date (date_sk, date, year, quarter, month, day, iso_weekday, is_business_day)
select
  etl.date_sk(day), day, extract(year from day), extract(quarter from day), extract(month from day),
  extract(day from day), extract(isodow from day), extract(isodow from day) <= 5
from (
  select generate_series(date '2015-01-01', date '2035-12-31', interval '1 day')::date as day
) as days
on conflict do nothing;
