-- target: the functions of time of the business day, which is one of Europe/Minsk
-- grain: etl.day_start(date), etl.day_of(timestamptz), etl.month_of(date)
-- keys: none
-- reads: nothing
-- params: none
create or replace function etl.day_start(day date) returns timestamptz
  language sql stable parallel safe
  return day::timestamp at time zone 'Europe/Minsk';
create or replace function etl.day_of(moment timestamptz) returns date
  language sql stable parallel safe
  return (moment at time zone 'Europe/Minsk')::date;
create or replace function etl.month_of(day date) returns date
  language sql immutable parallel safe
  return (day - extract(day from day)::int + 1);
create or replace function etl.date_sk(day date) returns int
  language sql immutable parallel safe
  return (extract(year from day) * 10000 + extract(month from day) * 100 + extract(day from day))::int;
