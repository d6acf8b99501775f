-- target: bi.fct_event
-- grain: one event of the app; the days of the batch are replaced
-- keys: event_id
-- reads: stage.app_event, dimention.dim_client, dimention.dim_product
-- params: p_since, p_batch_dt
create or replace procedure etl.p05_fct_event(p_since date, p_batch_dt date)
language sql
as $$
  delete from bi.fct_event where batch_dt >= p_since and batch_dt <= p_batch_dt;
  insert into bi.fct_event (
    event_id, date_sk, ts, client_sk, session_id, event_name, screen, product_sk, props, batch_dt
  )
  select distinct on (e.event_id::bigint)
    e.event_id::bigint,
    etl.date_sk(etl.day_of(e.event_ts::timestamptz)),
    e.event_ts::timestamptz,
    c.client_sk,
    e.session_id,
    e.event_name,
    e.screen,
    p.product_sk,
    e.props::jsonb,
    etl.day_of(e.event_ts::timestamptz)
  from stage.app_event e
  left join dimention.dim_client c on c.client_type = 'person'
    and c.src_id = e.user_id::bigint
    and etl.day_of(e.event_ts::timestamptz) >= c.valid_from
    and etl.day_of(e.event_ts::timestamptz) < c.valid_to
  left join dimention.dim_product p on p.product_code = etl.clean(e.product_code)
  order by e.event_id::bigint, e.stage_id desc
  on conflict (event_id) do update set
    date_sk = excluded.date_sk, ts = excluded.ts, client_sk = excluded.client_sk,
    session_id = excluded.session_id, event_name = excluded.event_name, screen = excluded.screen,
    product_sk = excluded.product_sk, props = excluded.props, batch_dt = excluded.batch_dt;
$$;
