-- target: etl.p05_bi
-- grain: the facts of one transformed batch
-- keys: batch_dt
-- reads: stage.*, dimention.*
-- params: p_since, p_batch_dt
create or replace procedure etl.p05_bi(p_since date, p_batch_dt date)
language plpgsql
as $$
begin
  call etl.p05_fct_payment();
  call etl.p05_fct_event(p_since, p_batch_dt);
  call etl.p05_fct_session();
  call etl.p05_fct_contract();
  call etl.p05_fct_deal();
  call etl.p05_fct_files();
end
$$;
