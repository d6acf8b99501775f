-- target: the schemas etl, dq, staging, core, mart and ops of the database overdue_loans
-- grain: one line for each object, in the order of its references; psql -f runs it as it is
-- keys: none
-- reads: nothing
-- params: none
\ir schema/etl/schemas.sql
\ir ../lib/schema/etl/run_log.sql
\ir schema/etl/loaded_parts.sql
\ir schema/dq/rejected_rows.sql
\ir schema/staging/enums.sql
\ir schema/staging/clients.sql
\ir schema/staging/loans.sql
\ir schema/staging/payments.sql
\ir schema/core/clients.sql
\ir schema/core/loans.sql
\ir schema/core/payments.sql
\ir schema/core/payments_history.sql
\ir schema/core/loan_status.sql
\ir schema/core/v_loan_status.sql
\ir schema/mart/data_mart.sql
\ir schema/mart/big_transactions.sql
\ir schema/mart/vw_overdue_by_month_and_amount.sql
\ir schema/ops/channel_cost.sql
\ir schema/ops/notification_rule.sql
\ir schema/ops/due_payment.sql
\ir schema/ops/notification_outbox.sql
\ir schema/ops/notification_report.sql
\ir schema/ops/simulation.sql
