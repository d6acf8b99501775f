-- target: stage.checked_ref_product
-- grain: one row of stage.ref_product with the first rule that it breaks, if any
-- keys: stage_id
-- reads: stage.ref_product
-- params: none
create or replace view stage.checked_ref_product as
select
  stage_id,
  case when etl.clean(product_code) is null then 'product_code_missing' end as reason_code
from stage.ref_product;
