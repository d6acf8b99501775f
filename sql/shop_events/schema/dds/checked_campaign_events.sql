-- target: dds.checked_campaign_events
-- grain: one row of raw.campaign_events, typed, with the reason why dds.campaign_events refuses it
-- keys: raw_id
-- reads: raw.campaign_events
-- params: none
create or replace view dds.checked_campaign_events as
select
  c.campaign_event_id as raw_id,
  case when dds.is_user_id(c.user_id) then c.user_id::bigint end as user_id,
  c.campaign_id,
  c.campaign_name,
  c.channel,
  c.action,
  coalesce(
    c.cost,
    case c.action
      when 'view' then 0.1
      when 'click' then 0.3
      when 'purchase' then 1.0
      when 'conversion' then 1.0
      else 0.05
    end
  )::numeric(18, 2) as cost,
  c.generated_at,
  c.generated_at as happened_at,
  case
    when c.user_id is null or not dds.is_user_id(c.user_id) then 'user_id_invalid'
    when c.campaign_id is null then 'campaign_id_missing'
    when c.action is null then 'action_missing'
    when c.generated_at is null then 'generated_at_missing'
    when c.cost < 0 then 'cost_negative'
  end as reason_code
from raw.campaign_events c;
