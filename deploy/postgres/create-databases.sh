#!/bin/sh
# Creates a database for each service that needs one, and a user that owns it and has no other rights. The services' own
# migrations create the tables. The image of PostgreSQL runs this script once, when its volume is empty. You may run it
# again: it then updates the passwords, and makes these users the owners of databases of an older release.
set -eu

owned_database() {
	PASSWORD=$2 psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres --set name="$1" <<'SQL'
\getenv password PASSWORD
SELECT format('CREATE ROLE %I', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
ALTER ROLE :"name" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'password';
SELECT format('CREATE DATABASE %I TEMPLATE template0 ENCODING ''UTF8'' LOCALE_PROVIDER libc LOCALE ''C''', :'name')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
ALTER DATABASE :"name" OWNER TO :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
\connect :name
SELECT format('ALTER TABLE %s OWNER TO %I', oid::regclass, :'name') FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') \gexec
SQL
}

owned_database users "$USERS_DATABASE_PASSWORD"
owned_database catalog "$CATALOG_DATABASE_PASSWORD"
owned_database discounts "$DISCOUNTS_DATABASE_PASSWORD"
owned_database orders "$ORDERS_DATABASE_PASSWORD"
owned_database payments "$PAYMENTS_DATABASE_PASSWORD"
owned_database deliveries "$DELIVERIES_DATABASE_PASSWORD"
owned_database operations "$OPERATIONS_DATABASE_PASSWORD"
# By default every user may connect to these two databases.
psql --quiet --no-psqlrc --username "$POSTGRES_USER" --dbname postgres --command 'REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC'
