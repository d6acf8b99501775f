-- target: dds.is_uuid
-- grain: whether a text is a UUID; null for null
-- keys: none
-- reads: nothing
-- params: none
-- In three cheap steps, inlined: one regular expression for all of it takes ten times as long.
create or replace function dds.is_uuid(value text) returns boolean
language sql immutable parallel safe
return value like '________-____-____-____-____________'
  and value !~ '[^0-9a-fA-F-]'
  and length(replace(value, '-', '')) = 32;
