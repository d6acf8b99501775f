-- target: source3.craft_market_craftsmans
-- grain: one craftsman
-- keys: craftsman_id
-- reads: nothing
-- params: none
create table if not exists source3.craft_market_craftsmans (
  craftsman_id bigint generated always as identity primary key,
  craftsman_name varchar not null,
  craftsman_address varchar not null,
  craftsman_birthday date not null,
  craftsman_email varchar not null
);
