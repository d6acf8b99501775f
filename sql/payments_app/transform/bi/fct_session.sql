-- target: bi.fct_session, dimention.tmp_session_agg
-- grain: one session, with the events and payments stored of it so far
-- keys: session_id
-- reads: stage.user_session, stage.app_event, stage.transactions, bi.fct_event, bi.fct_payment, dimention.dim_client
-- params: none
create or replace procedure etl.p05_fct_session()
language plpgsql
as $$
begin
  insert into dimention.tmp_session_agg (session_id, events, payments)
  with touched as materialized (
    select session_id from stage.user_session
    union
    select session_id from stage.app_event where session_id is not null
    union
    select session_id from stage.transactions where session_id is not null
  ), event as (
    select session_id, count(*) as events
    from bi.fct_event
    where session_id in (select session_id from touched)
    group by session_id
  ), payment as (
    select session_id, count(*) as payments
    from bi.fct_payment
    where status = 'success' and session_id in (select session_id from touched)
    group by session_id
  )
  select session_id, coalesce(e.events, 0), coalesce(p.payments, 0)
  from touched
  left join event e using (session_id)
  left join payment p using (session_id);

  insert into bi.fct_session as t (
    session_id, date_sk, client_sk, started_at, ended_at, duration_s, platform, app_version,
    events, payments, batch_dt
  )
  select distinct on (s.session_id)
    s.session_id,
    etl.date_sk(etl.day_of(s.started_at::timestamptz)),
    c.client_sk,
    s.started_at::timestamptz,
    s.ended_at::timestamptz,
    extract(epoch from s.ended_at::timestamptz - s.started_at::timestamptz)::int,
    s.platform,
    s.app_version,
    a.events,
    a.payments,
    etl.day_of(s.started_at::timestamptz)
  from stage.user_session s
  join dimention.tmp_session_agg a using (session_id)
  join dimention.dim_client c on c.client_type = 'person'
    and c.src_id = s.user_id::bigint
    and etl.day_of(s.started_at::timestamptz) >= c.valid_from
    and etl.day_of(s.started_at::timestamptz) < c.valid_to
  order by s.session_id, s.stage_id desc
  on conflict (session_id) do update set
    ended_at = excluded.ended_at, duration_s = excluded.duration_s, client_sk = excluded.client_sk,
    platform = excluded.platform, app_version = excluded.app_version, events = excluded.events,
    payments = excluded.payments;

  update bi.fct_session t
  set events = a.events, payments = a.payments
  from dimention.tmp_session_agg a
  where a.session_id = t.session_id
    and (t.events, t.payments) is distinct from (a.events, a.payments);
end
$$;
