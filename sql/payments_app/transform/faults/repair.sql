-- target: src_payments.transactions
-- grain: the table as it was before a fault
-- keys: none
-- reads: src_payments.transactions_whole
-- params: none
do $$
begin
  if to_regclass('src_payments.transactions_whole') is not null then
    drop view if exists src_payments.transactions;
    drop table if exists src_payments.transactions;
    alter table src_payments.transactions_whole rename to transactions;
  end if;
end
$$;
