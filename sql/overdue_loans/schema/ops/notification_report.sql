-- target: ops.notification_report
-- grain: one day on which notices were sent or looked at
-- keys: day
-- reads: nothing
-- params: none
create table if not exists ops.notification_report (
  day date primary key,
  sent int not null,
  suppressed int not null,
  cancelled int not null,
  failed int not null,
  pending int not null,
  -- Of all notices whose seven days are over.
  matured int not null,
  cured int not null,
  cure_rate numeric(5, 2),
  cost numeric(14, 2) not null,
  cost_per_cured numeric(14, 2),
  calls_saved int not null,
  computed_at timestamptz not null default now()
);
