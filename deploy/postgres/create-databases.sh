#!/bin/sh
# Run by the image of PostgreSQL, once, when its volume is empty: a database for each service that has one. Their
# tables come from the services' own migrations.
set -eu
for database in users catalog orders payments; do
	createdb --username "$POSTGRES_USER" "$database"
done
