-- target: stage.ref_merchant
-- grain: all merchants
-- keys: merchant_id
-- reads: ref_merchant of its source, in words that MySQL, PostgreSQL and Oracle share
-- params: none
select merchant_id, legal_id, name, vertical, subtype, brand, chain, address
from ref_merchant
