-- target: stage.crm_deal
-- grain: deals opened or closed in the window
-- keys: id
-- reads: crm_deal of its source, in words that MySQL, PostgreSQL and Oracle share
-- params: from, to
select id, company_id, stage, amount, tariff_code, opened_at, closed_at
from crm_deal
where (opened_at >= @from and opened_at < @to) or (closed_at >= @from and closed_at < @to)
