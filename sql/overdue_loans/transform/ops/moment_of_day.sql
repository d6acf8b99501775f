-- target: none, it says when the notices of a day go out
-- grain: one row
-- keys: none
-- reads: nothing
-- params: day, zone
select (@day::date + time '09:00') at time zone @zone::text as at;
