-- target: none, it reads where the generator stands
-- grain: one row
-- keys: none
-- reads: etl.generator_passes, etl.generator_users
-- params: scale
select
  coalesce((select max(pass) from etl.generator_passes where scale = @scale::text), 0) as last_pass,
  coalesce(
    (select array_agg(user_id order by user_id) from etl.generator_users where state = 'active'), '{}'
  ) as active,
  coalesce(
    (select array_agg(user_id order by user_id) from etl.generator_users where state = 'churned'), '{}'
  ) as churned;
