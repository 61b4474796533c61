#!/bin/sh
# The entry point of the RabbitMQ container. It writes the user names and passwords from `.env` into the definitions, which
# RabbitMQ imports at each start. They contain letters, digits and hyphens only, so `sed` needs no escaping.
set -eu
definitions=/tmp/definitions.json
install -m 600 /dev/null "$definitions"
cat /etc/rabbitmq/definitions.template.json >"$definitions"
for name in RABBITMQ_USER RABBITMQ_PASSWORD ORDER_SERVICE_BROKER_PASSWORD ORDER_PROCESSOR_BROKER_PASSWORD \
	PAYMENT_WORKER_BROKER_PASSWORD DELIVERY_SERVICE_BROKER_PASSWORD OPERATIONS_SERVICE_BROKER_PASSWORD; do
	value=$(printenv "$name")
	sed -i "s/\${$name}/$value/" "$definitions"
done
chown rabbitmq "$definitions"
printf 'load_definitions = %s\n' "$definitions" >/etc/rabbitmq/conf.d/20-definitions.conf
exec docker-entrypoint.sh rabbitmq-server
