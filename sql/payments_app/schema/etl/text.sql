-- target: the functions that judge and clean text
-- grain: etl.is_valid(text, type) and its quick ways etl.is_bigint, etl.is_money, etl.is_day, etl.is_moment; etl.clean(text), etl.clean_address(text), etl.address_hash(text), etl.row_hash(text[])
-- keys: none
-- reads: nothing
-- params: none
create or replace function etl.is_valid(value text, type_name text) returns boolean
  language plpgsql stable parallel safe
as $$
begin
  case type_name
    when 'date' then perform value::date; return value ~ '^\d{4}-\d\d-\d\d$';
    when 'timestamp' then perform value::timestamptz; return value ~ '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d';
    when 'json' then perform value::jsonb; return true;
  end case;
exception
  when data_exception then return false;
end
$$;
-- Judged in line, where a block that catches errors would cost a subtransaction for each value.
create or replace function etl.is_bigint(value text) returns boolean
  language sql immutable parallel safe
  return value ~ '^-?\d{1,18}$';
create or replace function etl.is_money(value text) returns boolean
  language sql immutable parallel safe
  return value ~ '^-?\d{1,16}(\.\d{1,6})?$';
create or replace function etl.is_day(value text) returns boolean
  language sql stable parallel safe
  return case
    when value ~ '^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$' then true
    else etl.is_valid(value, 'date')
  end;
create or replace function etl.is_moment(value text) returns boolean
  language sql stable parallel safe
  return case
    when value ~ '^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?Z?$'
      then true
    else etl.is_valid(value, 'timestamp')
  end;
-- Control characters and the marks that copying from documents leaves behind.
create or replace function etl.clean(value text) returns text
  language sql immutable parallel safe
  return nullif(
    btrim(regexp_replace(regexp_replace(value, E'[\\u0001-\\u001f\\u007f\\u200b-\\u200f\\ufeff]', ' ', 'g'), '\s+', ' ', 'g')),
    ''
  );
create or replace function etl.clean_address(value text) returns text
  language sql immutable parallel safe
  return nullif(
    btrim(
      regexp_replace(
        regexp_replace(
          regexp_replace(lower(etl.clean(value)), '\m(street|str|st|avenue|av|ave)\M\.?', ' ', 'g'),
          '[^[:alnum:]/]+', ' ', 'g'
        ),
        '\s+', ' ', 'g'
      )
    ),
    ''
  );
create or replace function etl.address_hash(value text) returns text
  language sql immutable parallel safe
  return md5(etl.clean_address(value));
-- Words are needed for an address to be found.
create or replace function etl.is_address(value text) returns boolean
  language sql immutable parallel safe
  return etl.clean_address(value) ~ '[[:alpha:]]{3,}';
create or replace function etl.row_hash(variadic fields text[]) returns text
  language sql immutable parallel safe
  return md5(array_to_string(fields, chr(31), chr(30)));
