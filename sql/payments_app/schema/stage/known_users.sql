-- target: stage.known_users, stage.known_merchants
-- grain: one id that a row may refer to: stored before, or staged and sound
-- keys: user_id; merchant_id
-- reads: dimention.dim_client, dimention.dim_merchant, stage.checked_app_user, stage.checked_ref_merchant
-- params: none
create or replace view stage.known_users as
select src_id::text as user_id
from dimention.dim_client
where client_type = 'person' and is_current
union
select s.user_id
from stage.app_user s
join stage.checked_app_user c using (stage_id)
where c.reason_code is null;
create or replace view stage.known_merchants as
select merchant_id::text as merchant_id
from dimention.dim_merchant
union
select s.merchant_id
from stage.ref_merchant s
join stage.checked_ref_merchant c using (stage_id)
where c.reason_code is null;
