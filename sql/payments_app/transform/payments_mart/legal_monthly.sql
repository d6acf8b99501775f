-- target: payments_mart.legal_monthly
-- grain: one legal client in a month since its registration
-- keys: month, legal_id
-- reads: payments_mart.payment, payments_mart.merchant, payments_mart.legal, payments_mart.contract
-- params: as_of
with
  toDate({as_of:String}) as as_of,
  grid as (
    select
      legal_id, industry, size_class, registered_date, closed_date,
      addMonths(toStartOfMonth(greatest(registered_date, addMonths(as_of, -12))), number) as month
    from payments_mart.legal
    array join range(toUInt32(13)) as number
    where month <= as_of
      and (closed_date is null or month <= toStartOfMonth(assumeNotNull(closed_date)))
  ),
  paid as (
    select
      m.legal_id as legal_id, toStartOfMonth(p.date) as month, count() as payments,
      sum(p.amount_byn) as turnover
    from payments_mart.payment as p
    join payments_mart.merchant as m on m.merchant_id = p.merchant_id
    where p.status = 'success' and m.legal_id > 0
    group by legal_id, month
  ),
  fee as (
    select
      g.legal_id as legal_id, g.month as month, sum(c.monthly_fee) as mrr,
      argMax(c.tariff, (c.signed_at, c.contract_id)) as tariff,
      argMax(c.package, (c.signed_at, c.contract_id)) as package
    from grid as g
    join payments_mart.contract as c on c.legal_id = g.legal_id
    where c.signed_at <= toLastDayOfMonth(g.month)
      and (c.valid_to is null or assumeNotNull(c.valid_to) >= toLastDayOfMonth(g.month))
    group by legal_id, month
  )
select
  g.month as month,
  g.legal_id as legal_id,
  g.industry as industry,
  g.size_class as size_class,
  f.tariff as tariff,
  f.package as package,
  p.payments as payments,
  p.turnover as turnover,
  p.payments > 0 as is_active,
  toStartOfMonth(g.registered_date) = g.month as is_new,
  g.closed_date is not null and toStartOfMonth(assumeNotNull(g.closed_date)) = g.month as is_closed,
  f.mrr as mrr
from grid as g
left join paid as p on p.legal_id = g.legal_id and p.month = g.month
left join fee as f on f.legal_id = g.legal_id and f.month = g.month
