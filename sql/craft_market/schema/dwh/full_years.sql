-- target: dwh.full_years(date, date)
-- grain: the age in full years of somebody born on the first date, on the second
-- keys: none
-- reads: nothing
-- params: none
create or replace function dwh.full_years(birthday date, day date) returns int
language sql immutable parallel safe
return extract(year from age(day, birthday))::int;
