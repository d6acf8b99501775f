-- target: dds.campaigns
-- grain: one campaign, with its latest name and channel
-- keys: campaign_id
-- reads: dds.checked_campaign_events
-- params: mode, raw_campaign_events_from, raw_campaign_events_to, data_interval_start, data_interval_end
with scope as materialized (
  select
    c.campaign_id, c.campaign_name, c.channel, c.happened_at, c.raw_id,
    c.campaign_id is not null and c.happened_at is not null as is_kept
  from dds.checked_campaign_events c
  where (
      @mode::text = 'increment'
      and c.raw_id > @raw_campaign_events_from::bigint
      and c.raw_id <= @raw_campaign_events_to::bigint
    )
    or (
      @mode::text = 'interval'
      and c.happened_at >= @data_interval_start::timestamp
      and c.happened_at < @data_interval_end::timestamp
    )
), upserted as (
  insert into dds.campaigns as t (campaign_id, campaign_name, channel, last_seen_at, raw_id)
  select distinct on (campaign_id) campaign_id, campaign_name, channel, happened_at, raw_id
  from scope
  where is_kept
  order by campaign_id, happened_at desc, raw_id desc
  on conflict (campaign_id) do update set
    campaign_name = coalesce(excluded.campaign_name, t.campaign_name),
    channel = coalesce(excluded.channel, t.channel),
    last_seen_at = excluded.last_seen_at,
    raw_id = excluded.raw_id
  where (excluded.last_seen_at, excluded.raw_id) > (t.last_seen_at, t.raw_id)
  returning 1
)
select
  (select count(*) from scope) as rows_in,
  (select count(*) from upserted) as rows_out,
  (select count(*) from scope where not is_kept) as rows_filtered;
