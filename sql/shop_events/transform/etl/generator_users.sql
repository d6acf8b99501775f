-- target: etl.generator_users
-- grain: one user that the generator has shown
-- keys: user_id
-- reads: the users of the pass that ended
-- params: active, churned
insert into etl.generator_users as u (user_id, state)
select unnest(@active::bigint[]), 'active'
union all
select unnest(@churned::bigint[]), 'churned'
on conflict (user_id) do update set
  state = excluded.state,
  updated_at = now()
where u.state <> excluded.state;
