-- target: stage.crm_company
-- grain: companies changed in the window
-- keys: id
-- reads: crm_company of its source, in words that MySQL, PostgreSQL and Oracle share
-- params: from, to
select id, title, unp, industry, updated_at
from crm_company
where updated_at >= @from and updated_at < @to
