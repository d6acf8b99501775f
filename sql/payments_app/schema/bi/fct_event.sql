-- target: bi.fct_event
-- grain: one event of the app
-- keys: event_id
-- reads: nothing
-- params: none
create table if not exists bi.fct_event (
  event_id bigint constraint fct_event_pkey primary key,
  date_sk int not null,
  ts timestamptz not null,
  client_sk bigint,
  session_id text,
  event_name text not null,
  screen text,
  product_sk bigint,
  props jsonb,
  batch_dt date not null
);
create index if not exists fct_event_by_batch on bi.fct_event (batch_dt);
