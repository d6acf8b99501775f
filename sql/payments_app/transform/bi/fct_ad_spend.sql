-- target: bi.fct_ad_spend
-- grain: one campaign of a channel on a day; the days of the report are replaced
-- keys: date, channel, campaign
-- reads: stage.ad_report, dimention.currency_rate
-- params: none
create or replace procedure etl.p05_fct_ad_spend()
language sql
as $$
  delete from bi.fct_ad_spend
  where date in (select spend_date::date from stage.ad_report);
  insert into bi.fct_ad_spend (
    date, channel, campaign, spend_byn, installs, impressions, clicks, file_name
  )
  select
    spend_date::date,
    etl.clean(channel),
    coalesce(etl.clean(campaign), ''),
    sum(round(spend::numeric * dimention.rate_on(spend_date::date, currency), 2)),
    sum(coalesce(installs::bigint, 0)),
    sum(coalesce(impressions::bigint, 0)),
    sum(coalesce(clicks::bigint, 0)),
    max(file_name)
  from stage.ad_report
  group by 1, 2, 3;
$$;
