-- target: etl.consumed_messages
-- grain: one partition of a topic
-- keys: topic, partition
-- reads: what became of one batch
-- params: rows
insert into etl.consumed_messages as c (topic, partition, messages, landed, rejected)
select topic, partition, messages, landed, rejected
from json_to_recordset(@rows::json) as r (
  topic text, partition int, messages bigint, landed bigint, rejected bigint
)
on conflict (topic, partition) do update set
  messages = c.messages + excluded.messages,
  landed = c.landed + excluded.landed,
  rejected = c.rejected + excluded.rejected,
  updated_at = now();
