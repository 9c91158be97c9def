#!/usr/bin/env bash
# Airflow's own user and database, made when PostgreSQL first starts; without a password for them there is no Airflow, and none is made.
set -euo pipefail
: "${AIRFLOW_DATABASE_PASSWORD:=$(cat /run/secrets/airflow_database_password 2> /dev/null || true)}"
[ -n "$AIRFLOW_DATABASE_PASSWORD" ] || exit 0
psql --no-psqlrc --set ON_ERROR_STOP=1 --set password="$AIRFLOW_DATABASE_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE airflow LOGIN PASSWORD :'password';
CREATE DATABASE airflow OWNER airflow;
REVOKE CONNECT ON DATABASE airflow FROM PUBLIC;
SQL
