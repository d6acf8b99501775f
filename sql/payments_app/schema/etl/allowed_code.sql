-- target: etl.allowed_code
-- grain: one value that a coded column may have
-- keys: domain, code
-- reads: nothing
-- params: none
create table if not exists etl.allowed_code (
  domain text not null,
  code text not null,
  constraint allowed_code_pkey primary key (domain, code)
);
insert into etl.allowed_code (domain, code)
select domain, unnest(string_to_array(codes, ' '))
from (
  values
    ('status', 'success failed pending reversed refunded'),
    ('operation_type', 'purchase transfer bill topup withdrawal'),
    ('payment_method', 'card account wallet qr nfc'),
    ('gender', 'male female'),
    ('vertical', 'auto grocery utilities telecom other'),
    ('subtype', 'auto_dealer auto_service auto_parts grocery_chain grocery_single utility telecom other'),
    ('size_class', 'micro small medium large'),
    ('log_level', 'DEBUG INFO WARN ERROR')
) as known (domain, codes)
on conflict do nothing;
