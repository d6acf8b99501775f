-- target: none, it reads the load time of one merge
-- grain: one row
-- keys: none
-- reads: dwh.load_dates_customer_report_datamart, dwh.load_dates_craftsman_report_datamart
-- params: none
-- Taken under the lock of the target, and later than every watermark even after the clock was set back:
-- the next delta must see the merge.
select greatest(
  clock_timestamp() at time zone 'utc',
  (select max(load_dttm) + interval '1 microsecond' from dwh.load_dates_customer_report_datamart),
  (select max(load_dttm) + interval '1 microsecond' from dwh.load_dates_craftsman_report_datamart)
)::text as load_dttm;
