-- target: bi.period_kpi(date, date)
-- grain: the figures of the days from p_from to p_to, both included
-- keys: none
-- reads: bi.v_payment, bi.v_activity
-- params: p_from, p_to
create or replace function bi.period_kpi(p_from date, p_to date)
returns table (
  gpv numeric, revenue numeric, take_rate numeric, payments bigint, payers bigint,
  avg_check numeric, failed_rate numeric, active_users bigint, arpu numeric, arppu numeric
)
language sql stable
as $$
  with paid as (
    select
      coalesce(sum(amount_byn) filter (where status = 'success'), 0) as gpv,
      coalesce(sum(revenue_byn) filter (where status = 'success'), 0) as revenue,
      count(*) filter (where status = 'success') as payments,
      count(distinct client_id) filter (where status = 'success') as payers,
      count(*) filter (where status = 'failed') as failed,
      count(*) as attempts
    from bi.v_payment
    where date >= p_from and date <= p_to
  ), active as (
    select count(distinct client_id) as users
    from bi.v_activity
    where date >= p_from and date <= p_to
  )
  select
    gpv, revenue, round(revenue / nullif(gpv, 0), 4), payments, payers,
    round(gpv / nullif(payments, 0), 2), round(failed::numeric / nullif(attempts, 0), 4), users,
    round(revenue / nullif(users, 0), 2), round(revenue / nullif(payers, 0), 2)
  from paid, active
$$;
