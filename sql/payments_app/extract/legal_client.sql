-- target: stage.legal_client
-- grain: all legal clients; those that have not changed are taken out after
-- keys: legal_id
-- reads: legal_client of its source, in words that MySQL, PostgreSQL and Oracle share
-- params: none
select legal_id, name, unp, industry, size_class, registered_at, closed_at
from legal_client
