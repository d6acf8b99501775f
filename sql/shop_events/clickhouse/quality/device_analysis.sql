-- target: dq.rejected_rows, by way of transform/dq/mart_outliers.sql
-- grain: one value of a mart that is out of its usual range
-- keys: row_key, reason_code
-- reads: data_mart.device_analysis
-- params: none
select
  row_key,
  tupleElement(finding, 1) as reason_code,
  tupleElement(finding, 2) as value
from (
  select
    concat(device_type, '/', os, '/', browser, '/', toString(event_date)) as row_key,
    arrayJoin([
      ('revenue_above_10000', toString(total_revenue), total_revenue > 10000),
      ('conversion_above_1', toString(conversion_rate), conversion_rate > 1)
    ]) as finding
  from data_mart.device_analysis
)
where tupleElement(finding, 3)
order by row_key, reason_code
