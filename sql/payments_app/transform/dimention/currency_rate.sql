-- target: dimention.currency_rate
-- grain: one currency on a day that has a rate; what the bank itself said stays
-- keys: rate_date, cur_code
-- reads: nothing
-- params: rates
insert into dimention.currency_rate as t (rate_date, cur_code, scale, official_rate, source)
select r.day, r.code, r.scale, r."officialRate", r.source
from jsonb_to_recordset(@rates::jsonb) as r (
  day date, code text, scale int, "officialRate" numeric, source text
)
on conflict (rate_date, cur_code) do update set
  scale = excluded.scale, official_rate = excluded.official_rate, source = excluded.source
where t.source <> 'live'
  and (excluded.source <> 'synthetic' or t.source = 'synthetic')
  and (t.scale, t.official_rate, t.source)
    is distinct from (excluded.scale, excluded.official_rate, excluded.source);
