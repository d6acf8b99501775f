-- target: staging.dq_checks_results
-- grain: one check of one business date; 0 passed, 1 failed
-- keys: table_name, dq_check_name, datetime
-- reads: the rows of the files
-- params: none
create table if not exists staging.dq_checks_results (
  table_name varchar(255) not null,
  dq_check_name varchar(255) not null,
  datetime timestamp not null,
  dq_check_result numeric(8, 2) not null constraint dq_checks_results_is_share check (
    dq_check_result between 0 and 1
  ),
  checked_at timestamptz not null default now(),
  constraint dq_checks_results_once unique (table_name, dq_check_name, datetime)
);
