-- target: the schema src_oracle, which stands in for the Oracle database
-- grain: one row of that database's table
-- keys: none, as a source owes none
-- reads: nothing
-- params: none
create schema if not exists src_oracle;
create table if not exists src_oracle.legal_client (
  legal_id bigint, name text, unp text, industry text, size_class text,
  registered_at timestamptz, closed_at timestamptz
);
create table if not exists src_oracle.contract (
  contract_id bigint, legal_id bigint, tariff_code text, package_code text,
  monthly_fee numeric(18, 2), signed_at date, valid_to date
);
create table if not exists src_oracle.app_user (
  user_id bigint, full_name text, birth_date date, gender text, address text, channel text,
  registered_at timestamptz, blocked_at timestamptz
);
create table if not exists src_oracle.user_setting (
  user_id bigint, name text, value text, updated_at timestamptz
);
create table if not exists src_oracle.user_session (
  session_id text, user_id bigint, started_at timestamptz, ended_at timestamptz, platform text,
  app_version text
);
create index if not exists user_session_by_start on src_oracle.user_session (started_at);
