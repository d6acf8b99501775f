-- target: etl.consumed_messages
-- grain: one partition of a topic
-- keys: topic, partition
-- reads: nothing
-- params: none
create table if not exists etl.consumed_messages (
  topic text not null,
  partition int not null,
  messages bigint not null,
  landed bigint not null,
  rejected bigint not null,
  updated_at timestamptz not null default now(),
  primary key (topic, partition)
);
