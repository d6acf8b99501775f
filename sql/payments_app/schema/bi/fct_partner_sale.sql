-- target: bi.fct_partner_sale
-- grain: one line of a partner's daily sales file
-- keys: sale_id
-- reads: nothing
-- params: none
create table if not exists bi.fct_partner_sale (
  sale_id bigint constraint fct_partner_sale_pkey primary key,
  sold_at timestamptz not null,
  merchant_sk bigint not null,
  product_sk bigint,
  quantity int not null,
  amount numeric(18, 2) not null,
  currency char(3) not null,
  comment text,
  file_name text not null
);
