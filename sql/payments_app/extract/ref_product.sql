-- target: stage.ref_product
-- grain: all products
-- keys: product_code
-- reads: ref_product of its source, in words that MySQL, PostgreSQL and Oracle share
-- params: none
select product_code, name, updated_at
from ref_product
