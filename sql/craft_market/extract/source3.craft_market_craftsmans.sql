-- target: source3.craft_market_craftsmans of the warehouse
-- grain: as in the source
-- keys: craftsman_id
-- reads: source3.craft_market_craftsmans of the database craft_market_sources
-- params: none
select
  craftsman_id, craftsman_name, craftsman_address, craftsman_birthday, craftsman_email
from source3.craft_market_craftsmans
order by craftsman_id;
