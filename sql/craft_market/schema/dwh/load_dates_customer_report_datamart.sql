-- target: dwh.load_dates_customer_report_datamart
-- grain: one refresh of dwh.customer_report_datamart that changed something
-- keys: id
-- reads: nothing
-- params: none
create table if not exists dwh.load_dates_customer_report_datamart (
  id bigint generated always as identity primary key,
  load_dttm timestamp not null
);
