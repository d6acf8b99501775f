#!/bin/sh
# Runs once, when the volume of Postgres is new: the pipelines' databases, and one with a role of its own for each of the
# dashboards.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set metabase_password="$METABASE_DB_PASSWORD" \
  --set superset_password="$SUPERSET_DB_PASSWORD" <<'SQL'
create database shop_events;
create database shop_sales;
create database craft_market;
create database payments_app;
create database overdue_loans;
create role metabase login password :'metabase_password';
create database metabase owner metabase;
create role superset login password :'superset_password';
create database superset owner superset;
SQL
