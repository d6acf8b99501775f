-- target: none, it asks whether init_dwh has run
-- grain: one row
-- keys: none
-- reads: the catalogue
-- params: none
select to_regclass('etl.run_log') is not null as is_there;
