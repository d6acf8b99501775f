-- target: dimention.currency_rate
-- grain: the official rate of a currency on a day that has a new one
-- keys: rate_date, cur_code
-- reads: nothing
-- params: none
create table if not exists dimention.currency_rate (
  rate_date date not null,
  cur_code char(3) not null,
  scale int not null constraint currency_rate_scale_positive check (scale > 0),
  official_rate numeric(18, 6) not null constraint currency_rate_positive check (official_rate > 0),
  byn_per_unit numeric(24, 12) generated always as (official_rate / scale) stored,
  source text not null constraint currency_rate_source_known check (
    source in ('live', 'cache', 'synthetic')
  ),
  constraint currency_rate_pkey primary key (rate_date, cur_code)
);
-- The rate of a day, or the last one of the seven days before it.
create or replace function dimention.rate_on(day date, code text) returns numeric
  language sql stable parallel safe
as $$
  select case
    when code = 'BYN' then 1
    else (
      select r.byn_per_unit
      from dimention.currency_rate r
      where r.cur_code = code
        and r.rate_date <= day
        and r.rate_date >= day - 7
      order by r.rate_date desc
      limit 1
    )
  end
$$;
