-- target: dds.campaigns
-- grain: one campaign, with its latest name and channel
-- keys: campaign_id
-- reads: raw.campaign_events
-- params: none
create table if not exists dds.campaigns (
  campaign_id text primary key,
  campaign_name text,
  channel text,
  last_seen_at timestamp not null,
  raw_id bigint not null
);
