-- target: the passes that the emulated sources hold
-- grain: one pass
-- keys: pass
-- reads: etl.generator_pass
-- params: none
select pass, scale, seed, today from etl.generator_pass order by pass
