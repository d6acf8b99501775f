-- target: staging.user_order_log
-- grain: one order or refund; those that are there are shipped
-- keys: uniq_id
-- reads: staging.refunds_set_aside, left by the way back
-- params: none
alter table staging.user_order_log
  add column status varchar(20) not null default 'shipped'
  constraint user_order_log_status_known check (status in ('shipped', 'refunded'));

do $$
begin
  if to_regclass('staging.refunds_set_aside') is not null then
    update staging.user_order_log u
    set status = 'refunded'
    from staging.refunds_set_aside r
    where r.uniq_id = u.uniq_id;
    drop table staging.refunds_set_aside;
  end if;
end
$$;
