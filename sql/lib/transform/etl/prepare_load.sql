-- target: the advisory lock of one target table, held until the transaction ends
-- grain: none
-- keys: none
-- reads: nothing
-- params: pipeline, target_table
select pg_advisory_xact_lock(hashtextextended(@pipeline::text || '/' || @target_table::text, 0));
-- A large load sorts and hashes in memory; a small one takes no more than it needs.
set local work_mem = '128MB';
set local jit = off;
