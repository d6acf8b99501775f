-- target: ops.simulation
-- grain: one policy of reminding, replayed over the days before a day
-- keys: day, policy
-- reads: nothing
-- params: none
create table if not exists ops.simulation (
  day date not null,
  policy text not null constraint simulation_policy_known check (policy in ('before', 'after')),
  window_start date not null,
  letters int not null,
  notices int not null,
  calls int not null,
  hand_overs int not null,
  suppressed int not null,
  overdue_contacts int not null,
  cured int not null,
  cure_rate numeric(5, 2),
  cost numeric(14, 2) not null,
  cost_per_cured numeric(14, 2),
  computed_at timestamptz not null default now(),
  primary key (day, policy)
);
