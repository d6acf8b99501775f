-- target: ops.notification_rule
-- grain: one stage of reminding, and when it is due from the planned date
-- keys: stage
-- reads: nothing
-- params: none
create table if not exists ops.notification_rule (
  stage text primary key,
  channel text not null constraint notification_rule_channel_known
    references ops.channel_cost (channel),
  offset_days int not null constraint notification_rule_offset_unique unique,
  template_code text not null
);
insert into ops.notification_rule (stage, channel, offset_days, template_code)
values
  ('reminder', 'push', -3, 'payment_soon'),
  ('due_today', 'push', 0, 'payment_today'),
  ('overdue_1', 'sms', 1, 'payment_missed'),
  ('overdue_7', 'email', 7, 'payment_week_late'),
  ('overdue_14', 'call', 14, 'call_client'),
  ('overdue_30', 'collection', 30, 'hand_over')
on conflict (stage) do nothing;
