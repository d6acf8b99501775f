-- target: dds.campaign_events
-- grain: one meeting of a user with a campaign
-- keys: user_id, campaign_id, action, generated_at; the first that arrived stays
-- reads: dds.checked_campaign_events, dds.users, dds.campaigns
-- params: run_id, mode, raw_campaign_events_from, raw_campaign_events_to, data_interval_start, data_interval_end
with judged as materialized (
  select
    c.raw_id, c.user_id, c.campaign_id, c.action, c.cost, c.generated_at,
    case
      when c.reason_code is not null then c.reason_code
      when u.user_id is null then 'user_missing'
      when k.campaign_id is null then 'campaign_missing'
    end as reason_code
  from dds.checked_campaign_events c
  left join dds.users u on u.user_id = c.user_id
  left join dds.campaigns k on k.campaign_id = c.campaign_id
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
    -- Rows that waited for what they refer to are tried again.
    or c.raw_id = any (array(select dq.waiting_rows('raw.campaign_events', 'dds.campaign_events')))
), inserted as (
  insert into dds.campaign_events (user_id, campaign_id, action, cost, generated_at)
  select user_id, campaign_id, action, cost, generated_at
  from judged
  where reason_code is null
  order by raw_id
  on conflict on constraint campaign_events_once do nothing
  returning 1
), rejected as (
  insert into dq.rejected_rows as d (
    run_id, source, table_name, row_key, reason_code, severity, payload
  )
  select
    @run_id::text,
    'raw.campaign_events',
    'dds.campaign_events',
    j.raw_id::text,
    j.reason_code,
    dq.severity_of(j.reason_code),
    to_jsonb(r)
  from judged j
  join raw.campaign_events r on r.campaign_event_id = j.raw_id
  where j.reason_code is not null
  on conflict on constraint rejected_rows_once do update set
    run_id = excluded.run_id,
    reason_code = excluded.reason_code,
    severity = excluded.severity,
    rejected_at = now()
  returning 1
), resolved as (
  delete from dq.rejected_rows d
  using judged j
  where d.source = 'raw.campaign_events'
    and d.table_name = 'dds.campaign_events'
    and d.severity = 'waiting'
    and d.row_key = j.raw_id::text
    and j.reason_code is null
  returning 1
)
select
  (select count(*) from judged) as rows_in,
  (select count(*) from inserted) as rows_out,
  (select count(*) from judged where reason_code is not null) as rows_rejected;
