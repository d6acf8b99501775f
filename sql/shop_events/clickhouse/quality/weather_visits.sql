-- target: dq.rejected_rows, by way of transform/dq/mart_outliers.sql
-- grain: one value of a mart that is out of its usual range
-- keys: row_key, reason_code
-- reads: data_mart.weather_visits
-- params: none
select
  row_key,
  tupleElement(finding, 1) as reason_code,
  tupleElement(finding, 2) as value
from (
  select
    concat(toString(event_date), '/', city, '/', temp_band, '/', weather_desc) as row_key,
    arrayJoin([
      ('conversion_above_1', toString(conversion), conversion > 1)
    ]) as finding
  from data_mart.weather_visits
)
where tupleElement(finding, 3)
order by row_key, reason_code
