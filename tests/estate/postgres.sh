#!/bin/sh
# Runs in the estate's PostgreSQL image: makes the cluster at the first start, then serves it.
set -eu
bin=/usr/lib/postgres/bin
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    "$bin/initdb" -D "$PGDATA" -U postgres --auth=trust --no-sync --locale=C --encoding=UTF8 >/dev/null
    echo 'host all all all trust' >>"$PGDATA/pg_hba.conf"
fi
exec "$bin/postgres" -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/tmp -c fsync=off
