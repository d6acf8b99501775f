-- target: stage.crm_contact
-- grain: contacts changed in the window
-- keys: id
-- reads: crm_contact of its source, in words that MySQL, PostgreSQL and Oracle share
-- params: from, to
select id, name, updated_at
from crm_contact
where updated_at >= @from and updated_at < @to
