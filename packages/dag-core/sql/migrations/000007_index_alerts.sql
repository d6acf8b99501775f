create index alert_of_run on alert (dag_id, dag_run_id);
