-- target: mart.d_calendar
-- grain: one day of the years 2015 to 2035
-- keys: date_id
-- reads: nothing
-- params: none
create table if not exists mart.d_calendar (
  date_id int primary key,
  date_actual date not null,
  epoch bigint not null,
  day_suffix varchar(4) not null,
  day_name varchar(9) not null,
  day_of_week int not null,
  day_of_month int not null,
  day_of_quarter int not null,
  day_of_year int not null,
  week_of_month int not null,
  week_of_year int not null,
  week_of_year_iso char(10) not null,
  month_actual int not null,
  month_name varchar(9) not null,
  month_name_abbreviated char(3) not null,
  quarter_actual int not null,
  quarter_name varchar(9) not null,
  year_actual int not null,
  first_day_of_week date not null,
  last_day_of_week date not null,
  first_day_of_month date not null,
  last_day_of_month date not null,
  first_day_of_quarter date not null,
  last_day_of_quarter date not null,
  first_day_of_year date not null,
  last_day_of_year date not null,
  mmyyyy char(6) not null,
  mmddyyyy char(8) not null,
  weekend_indr boolean not null
);
create unique index if not exists d_calendar_by_day on mart.d_calendar (date_actual);

insert into mart.d_calendar (
  date_id, date_actual, epoch, day_suffix, day_name, day_of_week, day_of_month, day_of_quarter,
  day_of_year, week_of_month, week_of_year, week_of_year_iso, month_actual, month_name,
  month_name_abbreviated, quarter_actual, quarter_name, year_actual, first_day_of_week,
  last_day_of_week, first_day_of_month, last_day_of_month, first_day_of_quarter,
  last_day_of_quarter, first_day_of_year, last_day_of_year, mmyyyy, mmddyyyy, weekend_indr
)
select
  to_char(d.day, 'YYYYMMDD')::int,
  d.day,
  extract(epoch from d.day)::bigint,
  to_char(d.day, 'FMDDth'),
  to_char(d.day, 'FMDay'),
  extract(isodow from d.day)::int,
  extract(day from d.day)::int,
  d.day - date_trunc('quarter', d.day)::date + 1,
  extract(doy from d.day)::int,
  to_char(d.day, 'W')::int,
  extract(week from d.day)::int,
  to_char(d.day, 'IYYY"-W"IW-ID'),
  extract(month from d.day)::int,
  to_char(d.day, 'FMMonth'),
  to_char(d.day, 'Mon'),
  extract(quarter from d.day)::int,
  (array['First', 'Second', 'Third', 'Fourth'])[extract(quarter from d.day)::int],
  extract(year from d.day)::int,
  date_trunc('week', d.day)::date,
  date_trunc('week', d.day)::date + 6,
  date_trunc('month', d.day)::date,
  (date_trunc('month', d.day) + interval '1 month - 1 day')::date,
  date_trunc('quarter', d.day)::date,
  (date_trunc('quarter', d.day) + interval '3 months - 1 day')::date,
  date_trunc('year', d.day)::date,
  (date_trunc('year', d.day) + interval '1 year - 1 day')::date,
  to_char(d.day, 'MMYYYY'),
  to_char(d.day, 'MMDDYYYY'),
  extract(isodow from d.day) >= 6
from (
  select date '2015-01-01' + n as day
  from generate_series(0, date '2035-12-31' - date '2015-01-01') as n
) d
where not exists (select 1 from mart.d_calendar);
