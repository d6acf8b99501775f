-- target: bi.fct_ad_spend
-- grain: one campaign of a channel on a day
-- keys: date, channel, campaign
-- reads: nothing
-- params: none
create table if not exists bi.fct_ad_spend (
  date date not null,
  channel text not null,
  campaign text not null,
  spend_byn numeric(18, 2) not null,
  installs bigint not null,
  impressions bigint not null,
  clicks bigint not null,
  file_name text not null,
  constraint fct_ad_spend_pkey primary key (date, channel, campaign)
);
