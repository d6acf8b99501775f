-- name: KafkaOffsetsCreate
-- The table of a reader's offsets, in the database that its rows go to. The lock keeps two first runs apart.
select pg_advisory_xact_lock(hashtextextended('etl.kafka_offsets', 0));
create schema if not exists etl;
create table if not exists etl.kafka_offsets (
  consumer text not null,
  topic text not null,
  partition integer not null,
  next_offset bigint not null,
  last_timestamp timestamptz,
  last_checksum text,
  moved_at timestamptz not null default now(),
  constraint kafka_offsets_pkey primary key (consumer, topic, partition),
  constraint kafka_offsets_next_offset_not_negative check (next_offset >= 0)
);
comment on table etl.kafka_offsets is
  'The next offset that a consumer takes of a partition, moved in the transaction of the rows';

-- name: KafkaOffsetsExist
select to_regclass('etl.kafka_offsets') is not null as exists;

-- name: KafkaOffsetsRead
select partition, next_offset, last_timestamp, last_checksum
from etl.kafka_offsets
where consumer = @consumer
  and topic = @topic
order by partition;

-- name: KafkaOffsetsStart
-- Partitions seen for the first time start where the broker's messages start.
insert into etl.kafka_offsets (consumer, topic, partition, next_offset)
select @consumer, @topic, start.partition, start.next_offset
from unnest(@partitions::integer[], @next_offsets::bigint[]) as start (partition, next_offset)
on conflict do nothing;

-- name: KafkaOffsetsMove
-- Compare and set: a partition that somebody else moved stays as it is, and the caller counts.
update etl.kafka_offsets as stored
set next_offset = moved.next_offset,
    last_timestamp = moved.last_timestamp,
    last_checksum = moved.last_checksum,
    moved_at = now()
from unnest(
  @partitions::integer[],
  @expected::bigint[],
  @next_offsets::bigint[],
  @timestamps::timestamptz[],
  @checksums::text[]
) as moved (partition, expected, next_offset, last_timestamp, last_checksum)
where stored.consumer = @consumer
  and stored.topic = @topic
  and stored.partition = moved.partition
  and stored.next_offset = moved.expected;

-- name: KafkaOffsetsForget
-- Partitions that the topic no longer has, once it is read from its start.
delete from etl.kafka_offsets
where consumer = @consumer
  and topic = @topic
  and partition <> all (@partitions::integer[]);
