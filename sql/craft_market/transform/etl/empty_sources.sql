-- target: the eight tables of the sources
-- grain: none
-- keys: none
-- reads: nothing
-- params: none
truncate
  source1.craft_market_wide,
  source2.craft_market_orders_customers,
  source2.craft_market_masters_products,
  source3.craft_market_orders,
  source3.craft_market_craftsmans,
  source3.craft_market_customers,
  external_source.craft_products_orders,
  external_source.customers;
