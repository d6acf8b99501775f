-- target: stage.checked_ad_report
-- grain: one row of stage.ad_report with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.ad_report
-- params: none
create or replace view stage.checked_ad_report as
select
  stage_id,
  case
    when etl.is_day(spend_date) is not true then 'spend_date_invalid'
    when etl.clean(channel) is null then 'channel_missing'
    when etl.is_money(spend) is not true then 'spend_invalid'
    when spend::numeric < 0 then 'spend_negative'
    when etl.is_bigint(installs) is false then 'installs_invalid'
    when etl.is_bigint(impressions) is false then 'impressions_invalid'
    when etl.is_bigint(clicks) is false then 'clicks_invalid'
    when currency is null or currency !~ '^[A-Z]{3}$' then 'currency_unknown'
  end as reason_code
from stage.ad_report;
