-- target: dq.rejected_rows
-- grain: one record of a file that staging.loans refused
-- keys: source, table_name, row_key
-- reads: incoming_loans
-- params: source, run_id, rows_out
delete from dq.rejected_rows
where source = @source::text
  and table_name = 'staging.loans';
insert into dq.rejected_rows (
  run_id, source, table_name, row_key, reason_code, severity, payload
)
select
  @run_id::text, @source::text, 'staging.loans', 'record ' || record_number, reason_code, 'error',
  coalesce(payload, to_jsonb(i) - array['record_number', 'reason_code', 'payload'])
from incoming_loans i
where reason_code <> 'exact_duplicate';
select
  count(*) as rows_in,
  @rows_out::bigint as rows_out,
  count(*) filter (where reason_code <> 'exact_duplicate') as rows_rejected
from incoming_loans;
