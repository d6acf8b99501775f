-- target: dds.is_user_id
-- grain: whether a text is a positive bigint without leading zeros; null for null
-- keys: none
-- reads: nothing
-- params: none
-- Plain comparisons, inlined: a regular expression takes several times as long.
create or replace function dds.is_user_id(value text) returns boolean
language sql immutable parallel safe
return length(value) between 1 and 18
  and value not like '0%'
  and translate(value, '0123456789', '') = '';
