#!/bin/sh
# The command for people and cron, as /usr/local/bin/shopwright (mode 755): with the same addresses as the services, and for
# root as their user, so that no file is left behind that the services cannot write.
set -eu
CONFIG=${SHOPWRIGHT_CONFIG:-/etc/shopwright}
if [ "$(id -u)" = 0 ]; then exec runuser -u shopwright -- "$0" "$@"; fi
set -a
# shellcheck disable=SC1091
. "$CONFIG/env"
: "${SHOPWRIGHT_HOME:=/var/lib/shopwright}"
: "${NUMBA_CACHE_DIR:=/var/cache/shopwright}"
HOME=$SHOPWRIGHT_HOME
set +a
exec "${PREFIX:-/opt/shopwright}/current/bin/shopwright" "$@"
