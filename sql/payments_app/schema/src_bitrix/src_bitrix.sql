-- target: the schema src_bitrix, which stands in for the MySQL of the CRM
-- grain: one row of the CRM's table
-- keys: none, as a source owes none
-- reads: nothing
-- params: none
create schema if not exists src_bitrix;
create table if not exists src_bitrix.crm_company (
  id bigint, title text, unp text, industry text, updated_at timestamptz
);
create table if not exists src_bitrix.crm_contact (id bigint, name text, updated_at timestamptz);
create table if not exists src_bitrix.crm_deal (
  id bigint, company_id bigint, stage text, amount numeric(18, 2), tariff_code text,
  opened_at timestamptz, closed_at timestamptz
);
create table if not exists src_bitrix.crm_lead (id bigint, channel text, created_at timestamptz);
