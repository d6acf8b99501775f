-- target: dds.campaign_events
-- grain: one meeting of a user with a campaign
-- keys: campaign_event_id; user_id, campaign_id, action, generated_at
-- reads: raw.campaign_events, dds.users, dds.campaigns
-- params: none
create table if not exists dds.campaign_events (
  campaign_event_id serial primary key,
  user_id bigint not null references dds.users (user_id),
  campaign_id text not null references dds.campaigns (campaign_id),
  action text not null,
  cost numeric(18, 2) not null constraint campaign_events_cost_natural check (cost >= 0),
  generated_at timestamp not null,
  constraint campaign_events_once unique (user_id, generated_at, campaign_id, action)
);
