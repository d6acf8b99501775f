-- target: the advisory lock of one target table, held until the transaction ends
-- grain: none
-- keys: none
-- reads: nothing
-- params: target_table
select pg_advisory_xact_lock(hashtextextended('shop_events/' || @target_table::text, 0));
