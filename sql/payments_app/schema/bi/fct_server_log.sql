-- target: bi.fct_server_log
-- grain: lines of one level and service on a day of one log file
-- keys: file_name, date, level, service
-- reads: nothing
-- params: none
create table if not exists bi.fct_server_log (
  file_name text not null,
  date date not null,
  level text not null,
  service text not null,
  lines bigint not null,
  constraint fct_server_log_pkey primary key (file_name, date, level, service)
);
