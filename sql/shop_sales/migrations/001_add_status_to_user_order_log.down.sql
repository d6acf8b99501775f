-- target: staging.user_order_log, staging.refunds_set_aside
-- grain: one order or refund; which of them are refunds is set aside
-- keys: uniq_id
-- reads: staging.user_order_log
-- params: none
do $$
begin
  if exists (select 1 from staging.user_order_log where status = 'refunded') then
    create table staging.refunds_set_aside as
    select uniq_id from staging.user_order_log where status = 'refunded';
  end if;
end
$$;

alter table staging.user_order_log drop column status;
