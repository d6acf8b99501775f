-- target: dimention.dim_channel
-- grain: one channel by its code
-- keys: channel_sk; channel_code
-- reads: nothing
-- params: none
create table if not exists dimention.dim_channel (
  channel_sk bigint generated always as identity constraint dim_channel_pkey primary key,
  channel_code text not null constraint dim_channel_once unique
);
