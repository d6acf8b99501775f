-- target: stage.crm_lead
-- grain: leads of the window
-- keys: id
-- reads: crm_lead of its source, in words that MySQL, PostgreSQL and Oracle share
-- params: from, to
select id, channel, created_at
from crm_lead
where created_at >= @from and created_at < @to
