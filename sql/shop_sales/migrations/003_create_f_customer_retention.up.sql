-- target: mart.f_customer_retention, mart.customer_retention()
-- grain: one item in one ISO week
-- keys: period_name, period_year, period_id, item_id
-- reads: mart.f_sales, mart.d_calendar
-- params: none
create table mart.f_customer_retention (
  new_customers_count bigint not null,
  returning_customers_count bigint not null,
  refunded_customer_count bigint not null,
  period_name varchar(10) not null constraint f_customer_retention_period_known check (
    period_name = 'weekly'
  ),
  period_id int not null,
  item_id int not null references mart.d_item (item_id),
  new_customers_revenue numeric(14, 2) not null,
  returning_customers_revenue numeric(14, 2) not null,
  customers_refunded bigint not null,
  period_year int not null,
  primary key (period_name, period_year, period_id, item_id)
);

-- Orders are counted within (week, item) or, with the scope 'period', within the week over all items.
create function mart.customer_retention(first_day date, end_day date, classification_scope text)
returns table (
  new_customers_count bigint,
  returning_customers_count bigint,
  refunded_customer_count bigint,
  period_name text,
  period_id int,
  item_id int,
  new_customers_revenue numeric,
  returning_customers_revenue numeric,
  customers_refunded bigint,
  period_year int
)
language sql stable
begin atomic
  with sale as (
    select
      extract(isoyear from c.date_actual)::int as period_year,
      c.week_of_year as period_id,
      s.item_id,
      s.customer_id,
      s.status,
      s.payment_amount
    from mart.f_sales s
    join mart.d_calendar c on c.date_id = s.date_id
    where c.date_actual >= first_day
      and c.date_actual < end_day
  ), bought as (
    select
      s.period_year,
      s.period_id,
      s.item_id,
      s.customer_id,
      count(*) as orders,
      sum(s.payment_amount) as revenue
    from sale s
    where s.status = 'shipped'
    group by s.period_year, s.period_id, s.item_id, s.customer_id
  ), classed as (
    select
      b.period_year,
      b.period_id,
      b.item_id,
      b.customer_id,
      b.revenue,
      case classification_scope
        when 'period' then
          sum(b.orders) over (partition by b.period_year, b.period_id, b.customer_id)
        else b.orders
      end > 1 as is_returning
    from bought b
  ), buyer as (
    select
      c.period_year,
      c.period_id,
      c.item_id,
      count(*) filter (where not c.is_returning) as new_count,
      count(*) filter (where c.is_returning) as returning_count,
      sum(c.revenue) filter (where not c.is_returning) as new_revenue,
      sum(c.revenue) filter (where c.is_returning) as returning_revenue
    from classed c
    group by c.period_year, c.period_id, c.item_id
  ), returned as (
    select
      s.period_year,
      s.period_id,
      s.item_id,
      count(distinct s.customer_id) as customers,
      count(*) as refunds
    from sale s
    where s.status = 'refunded'
    group by s.period_year, s.period_id, s.item_id
  )
  select
    coalesce(b.new_count, 0),
    coalesce(b.returning_count, 0),
    coalesce(r.customers, 0),
    'weekly',
    coalesce(b.period_id, r.period_id),
    coalesce(b.item_id, r.item_id),
    coalesce(b.new_revenue, 0),
    coalesce(b.returning_revenue, 0),
    coalesce(r.refunds, 0),
    coalesce(b.period_year, r.period_year)
  from buyer b
  full join returned r
    on r.period_year = b.period_year
    and r.period_id = b.period_id
    and r.item_id = b.item_id;
end;
