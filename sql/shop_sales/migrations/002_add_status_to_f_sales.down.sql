-- target: mart.f_sales, mart.v_f_sales_signed
-- grain: one order or refund; refunds are those with an amount below zero
-- keys: uniq_id
-- reads: nothing
-- params: none
drop view mart.v_f_sales_signed;

alter table mart.f_sales drop column status;
