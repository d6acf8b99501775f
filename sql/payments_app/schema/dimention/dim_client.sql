-- target: dimention.dim_client
-- grain: one version of a client's attributes
-- keys: client_sk; client_type, src_id, valid_from
-- reads: nothing
-- params: none
create table if not exists dimention.dim_client (
  client_sk bigint generated always as identity constraint dim_client_pkey primary key,
  client_type text not null constraint dim_client_type_known check (
    client_type in ('person', 'legal')
  ),
  src_id bigint not null,
  name text,
  birth_date date,
  gender text,
  region text,
  city text,
  industry text,
  size_class text,
  channel text,
  registered_at timestamptz,
  closed_at timestamptz,
  valid_from date not null,
  valid_to date not null default 'infinity',
  is_current boolean not null default true,
  row_hash text not null,
  constraint dim_client_version unique (client_type, src_id, valid_from),
  constraint dim_client_order check (valid_from < valid_to)
);
create unique index if not exists dim_client_current
  on dimention.dim_client (client_type, src_id) where is_current;
comment on column dimention.dim_client.valid_from is
  'Day of the batch that saw the attributes; the first version is valid since ever';
