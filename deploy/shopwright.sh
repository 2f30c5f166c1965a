#!/bin/sh
# The command for people and cron, as /usr/local/bin/shopwright (mode 755): with the same addresses as the services.
set -eu
set -a
# shellcheck disable=SC1091
. /etc/shopwright/env
: "${SHOPWRIGHT_HOME:=/var/lib/shopwright}"
: "${NUMBA_CACHE_DIR:=/var/cache/shopwright}"
set +a
exec /opt/shopwright/current/bin/shopwright "$@"
