-- target: etl.p04_transform
-- grain: the dimensions of one checked batch
-- keys: batch_dt
-- reads: stage.*
-- params: p_batch_dt
create or replace procedure etl.p04_transform(p_batch_dt date)
language plpgsql
as $$
begin
  call etl.p04_dim_client(p_batch_dt);
  call etl.p04_dim_merchant();
  call etl.p04_dim_codes();
end
$$;
