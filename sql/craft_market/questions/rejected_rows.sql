-- target: none, it answers: which rows were refused, and why
-- grain: one reason of one source
-- keys: none
-- reads: dq.rejected_rows
-- params: none
select source, reason_code, count(*)::int as rejected
from dq.rejected_rows
group by source, reason_code
order by source, reason_code;
