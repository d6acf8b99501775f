-- target: etl.generator_users
-- grain: one user that the generator has shown
-- keys: user_id
-- reads: nothing
-- params: none
create table if not exists etl.generator_users (
  user_id bigint primary key,
  state text not null constraint generator_users_state_known check (state in ('active', 'churned')),
  updated_at timestamptz not null default now()
);
