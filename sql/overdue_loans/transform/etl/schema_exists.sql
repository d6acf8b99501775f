-- target: none, it asks whether the schema is there
-- grain: one row
-- keys: none
-- reads: the catalogue
-- params: none
select to_regclass('ops.notification_outbox') is not null as is_there;
