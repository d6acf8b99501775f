-- target: statistics of the eight tables of the sources
-- grain: none
-- keys: none
-- reads: source1, source2, source3, external_source
-- params: none
analyze
  source1.craft_market_wide,
  source2.craft_market_orders_customers,
  source2.craft_market_masters_products,
  source3.craft_market_orders,
  source3.craft_market_craftsmans,
  source3.craft_market_customers,
  external_source.craft_products_orders,
  external_source.customers;
