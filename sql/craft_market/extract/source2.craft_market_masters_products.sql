-- target: source2.craft_market_masters_products of the warehouse
-- grain: as in the source
-- keys: craftsman_id
-- reads: source2.craft_market_masters_products of the database craft_market_sources
-- params: none
select
  craftsman_id, craftsman_name, craftsman_address, craftsman_birthday, craftsman_email,
  product_id, product_name, product_description, product_type, product_price
from source2.craft_market_masters_products
order by craftsman_id;
