-- target: none, it reads why records were refused
-- grain: one reason, the most frequent first
-- keys: reason_code
-- reads: dq.rejected_rows
-- params: source, table_name
select reason_code, count(*) as records
from dq.rejected_rows
where source = @source::text
  and table_name = @table_name::text
group by reason_code
order by records desc, reason_code;
