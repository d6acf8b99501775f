-- target: ops.channel_cost
-- grain: one way to reach a client, and what a contact costs in roubles
-- keys: channel
-- reads: nothing
-- params: none
create table if not exists ops.channel_cost (
  channel text primary key,
  cost numeric(10, 2) not null constraint channel_cost_natural check (cost >= 0)
);
insert into ops.channel_cost (channel, cost)
values
  ('push', 0.05), ('sms', 3.00), ('email', 0.30), ('call', 60.00), ('collection', 300.00),
  ('letter', 45.00)
on conflict (channel) do nothing;
