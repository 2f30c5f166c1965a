#!/bin/sh
# Changes the version of an installation, and comes back by itself if the new one does not work: docs/server.md#an-update.
#
#   upgrade.sh [--dry-run] VERSION                  to the version in PREFIX/versions/VERSION
#   upgrade.sh [--dry-run] --back VERSION [--restore FILE] [--from VERSION]
#                                                   back to an older one; FILE: the backup from before the update, needed if
#                                                   the update changed the tables. What was stored since is kept in a backup.
#                                                   --from: the version that changed them, where an update was cut short
#                                                   (default: the one in service).
#
# Exit status: 0 done; 1 refused, or the old version is in service again; 2 wrong arguments; 3 nothing is in service.
# Settings, in /etc/shopwright/upgrade.conf (all may be left out):
#   PREFIX=/opt/shopwright  BACKUPS=/backups  RUN_AS=shopwright  WAIT=180 (seconds for the new version to be ready)
#   UNITS='shopwright-board ...'    the services; those that do not run stay stopped
#   DOORS='shopwright-board=http://127.0.0.1:8501/_stcore/health ...'   an address for each that has one
#   GRANTS='...'                    a command that takes the SQL of store_app on standard input (MariaDB)
# /etc/shopwright/migrator (mode 600): SHOPWRIGHT_DATABASE_URL='...' of the account store_migrator (MariaDB)
set -eu

CONFIG=${SHOPWRIGHT_CONFIG:-/etc/shopwright}
PREFIX=/opt/shopwright
BACKUPS=/backups
RUN_AS=shopwright
WAIT=180
UNITS='shopwright-board shopwright-api shopwright-worker shopwright-export'
DOORS='shopwright-board=http://127.0.0.1:8501/_stcore/health shopwright-api=http://127.0.0.1:8600/readyz shopwright-export=http://127.0.0.1:8602/livez'
GRANTS=
PROBER=shopwright-availability

say() { echo "upgrade: $*"; }
refuse() {
    echo "upgrade: $*" >&2
    exit 1
}
usage() {
    echo "usage: upgrade.sh [--dry-run] VERSION | upgrade.sh [--dry-run] --back VERSION [--restore FILE] [--from VERSION]" >&2
    exit 2
}

dry='' back='' restore='' from='' version=''
while [ $# -gt 0 ]; do
    case $1 in
    --dry-run) dry=1 ;;
    --back) back=1 ;;
    --restore)
        [ $# -ge 2 ] || usage
        restore=$2
        shift
        ;;
    --from)
        [ $# -ge 2 ] || usage
        from=$2
        shift
        ;;
    -*) usage ;;
    *)
        [ -z "$version" ] || usage
        version=$1
        ;;
    esac
    shift
done
case $version in '' | */* | .*) usage ;; esac
case $from in */* | .*) usage ;; esac
if [ -n "$restore$from" ] && [ -z "$back" ]; then usage; fi

# shellcheck disable=SC1091
if [ -r "$CONFIG/upgrade.conf" ]; then . "$CONFIG/upgrade.conf"; fi
[ -r "$CONFIG/env" ] || refuse "$CONFIG/env cannot be read; run this as root"
set -a
# shellcheck disable=SC1091
. "$CONFIG/env"
: "${SHOPWRIGHT_HOME:=/var/lib/shopwright}" "${NUMBA_CACHE_DIR:=/var/cache/shopwright}"
set +a

# ------------------------------------------------------------------ parts
as_user() {
    if [ "$(id -u)" = 0 ] && [ -n "$RUN_AS" ]; then runuser -u "$RUN_AS" -- "$@"; else "$@"; fi
}
# With the account that may change tables, where there is one; its password is in no argument.
as_migrator() (
    if [ -r "$CONFIG/migrator" ]; then
        set -a
        # shellcheck disable=SC1091
        . "$CONFIG/migrator"
        set +a
    fi
    as_user "$@"
)
program() { echo "$PREFIX/versions/$1/bin/shopwright"; }
# One value of a JSON document on standard input: a key, or the names of the checks that are faults.
value() { "$PREFIX/versions/$version/bin/python" -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1" 2>/dev/null; }
faults() {
    "$PREFIX/versions/$version/bin/python" -c '
import json, sys
print(" ".join(sorted(one["name"].replace(" ", "-") for one in json.load(sys.stdin)["checks"] if one["level"] == "fault")))'
}
# health ends with 1 where it finds a fault, and prints its answer all the same.
health_of() { (as_user "$(program "$1")" health --json 2>/dev/null || true) | faults; }
tables_of() { as_user "$(program "$1")" db status --json 2>/dev/null | value "$2"; }
on_server() { case ${SHOPWRIGHT_DATABASE_URL:-sqlite:} in sqlite:*) return 1 ;; esac; }
switch_to() {
    ln -sfn "versions/$1" "$PREFIX/current.new"
    mv -T "$PREFIX/current.new" "$PREFIX/current"
}
running_units() {
    for unit in $UNITS; do
        if systemctl is-active --quiet "$unit"; then printf '%s ' "$unit"; fi
    done
}
# shellcheck disable=SC2086
start_units() { [ -z "$running" ] || systemctl start $running; }
# shellcheck disable=SC2086
stop_units() { [ -z "$running" ] || systemctl stop $running; }
doors_open() {
    for pair in $DOORS; do
        case " $running " in *" ${pair%%=*} "*) ;; *) continue ;; esac
        curl -fsS -o /dev/null -m 5 "${pair#*=}" 2>/dev/null || {
            problem="${pair%%=*} does not answer at ${pair#*=}"
            return 1
        }
    done
}
no_new_fault() {
    found=$(health_of "$1") || {
        problem="shopwright health does not work"
        return 1
    }
    for fault in $found; do
        case " $faults_before " in
        *" $fault "*) ;;
        *)
            problem="shopwright health: FAULT $fault, which was fine before"
            return 1
            ;;
        esac
    done
}
# Until every address answers and nothing is a fault that was none before, for WAIT seconds at most.
works() {
    until=$(($(date +%s) + WAIT))
    while :; do
        if doors_open && no_new_fault "$1"; then return 0; fi
        [ "$(date +%s)" -lt "$until" ] || return 1
        sleep 1
    done
}
back_up() {
    file="$BACKUPS/$2-$(date +%Y%m%dT%H%M%S).backup"
    as_user "$(program "$1")" db backup "$file" >/dev/null
}
bring_back() { # the version to come back to, the one that is in service, the backup ("" if the tables are as they were)
    trap '' INT TERM HUP
    stop_units || say "some services did not stop"
    if [ -n "$3" ]; then
        if back_up "$2" "after-$2"; then say "what was stored since is in $file"; else say "what was stored since cannot be backed up"; fi
        as_migrator "$(program "$2")" db restore --replace --keep-version "$3" >/dev/null || {
            say "the backup $3 cannot be restored: the store does not open until that has been repeated (docs/runbook.md#restore)"
            exit 3
        }
    fi
    switch_to "$1"
    [ "$(tables_of "$1" missing)" = 0 ] || {
        say "version $1 does not accept the tables: docs/runbook.md#restore"
        exit 3
    }
    if [ -n "$3" ]; then
        as_user "$(program "$1")" db verify >/dev/null || {
            say "the restored store has a fault: shopwright db verify"
            exit 3
        }
    fi
    start_units || say "some services did not start"
    works "$1" || {
        say "version $1 is in place again and does not work: $problem"
        exit 3
    }
    if systemctl is-active --quiet "$PROBER"; then systemctl restart "$PROBER"; fi
}
give_up() {
    say "$1; back to version $old"
    bring_back "$old" "$version" "$changed"
    say "version $old is in service again, out of service for $(($(date +%s) - stopped_at)) s"
    exit 1
}

# ------------------------------------------------------------------ what must hold before anything is changed
[ -x "$(program "$version")" ] || refuse "$(program "$version") is not installed"
[ -L "$PREFIX/current" ] || refuse "$PREFIX/current must be a link to versions/..."
old=$(basename "$(readlink -f "$PREFIX/current")")
[ -x "$(program "$old")" ] || refuse "$PREFIX/current leads to $old, which is not installed"
[ "$old" != "$version" ] || [ -n "$from" ] || refuse "version $version is in service already"
exec 9>"$PREFIX/.upgrade.lock"
flock -n 9 || refuse "another upgrade.sh is at work"
as_user "$(program "$version")" --version >/dev/null || refuse "version $version does not start"
as_user test -d "$BACKUPS" -a -w "$BACKUPS" || refuse "$BACKUPS must be a folder in which ${RUN_AS:-this user} may write"
running=$(running_units)
running=${running% }

if [ -n "$back" ]; then
    : "${from:=$old}"
    [ -x "$(program "$from")" ] || refuse "$(program "$from") is not installed"
    tables_of "$from" version >/dev/null || refuse "version $from cannot read the store: shopwright health; --from names the newest version"
    missing=$(tables_of "$version" missing) || missing=newer
    case $missing in
    0) [ -z "$restore" ] || refuse "version $version accepts the tables as they are: leave out --restore" ;;
    newer)
        [ -n "$restore" ] || refuse "the tables are newer than version $version: give --restore FILE, the backup from before the update"
        [ -r "$restore" ] || refuse "$restore cannot be read"
        if on_server && [ ! -r "$CONFIG/migrator" ]; then refuse "$CONFIG/migrator is missing"; fi
        ;;
    *) refuse "the tables are older than version $version: that is an update, without --back" ;;
    esac
    faults_before=$(health_of "$from") || refuse "shopwright health of version $from does not work"
    say "from $from back to $version; services: ${running:-none}"
    [ -z "$restore" ] || say "the store is replaced by $restore; everything stored since, releases too, goes to a backup"
    [ -z "$dry" ] || exit 0
    stopped_at=$(date +%s)
    bring_back "$version" "$from" "$restore"
    say "version $version is in service, out of service for $(($(date +%s) - stopped_at)) s"
    exit 0
fi

before=$(tables_of "$old" version) || refuse "version $old cannot read the store: shopwright health; newer tables: --back"
[ "$(tables_of "$old" missing)" = 0 ] || refuse "the tables are older than version $old: finish that update first (db upgrade)"
after=$(tables_of "$version" newest) || refuse "version $version does not accept the store's tables; to an older version: --back"
[ "$after" -ge "$before" ] || refuse "version $version is older than the tables: --back"
if [ "$after" != "$before" ] && on_server; then
    [ -r "$CONFIG/migrator" ] || refuse "the tables change: $CONFIG/migrator must have the address of store_migrator"
    [ -n "$GRANTS" ] || refuse "the tables change: GRANTS in $CONFIG/upgrade.conf must run the SQL of store_app"
fi
faults_before=$(health_of "$old") || refuse "shopwright health of version $old does not work"
say "from $old to $version; tables of version $before -> $after; services: ${running:-none}"
[ -z "$faults_before" ] || say "faults already now: $faults_before"
[ -z "$dry" ] || exit 0

say "compiling for this machine, while version $old is in service"
as_user "$(program "$version")" warm >/dev/null || refuse "version $version cannot compile"

# ------------------------------------------------------------------ the change
changed=''
stopped_at=$(date +%s)
say "stopping, once the last active run has ended"
trap 'give_up "interrupted"' INT TERM HUP
stop_units || give_up "some services did not stop"
back_up "$old" "before-$version" || give_up "the backup failed"
say "backup: $file"
if [ "$after" != "$before" ]; then
    changed=$file
    as_migrator "$(program "$version")" db upgrade >/dev/null || give_up "the tables could not be changed"
    if on_server; then
        # shellcheck disable=SC2015
        as_user "$(program "$version")" db accounts store_app | sh -c "$GRANTS" || give_up "the rights of store_app could not be given"
    fi
fi
switch_to "$version"
start_units || give_up "some services did not start"
works "$version" || give_up "$problem"
trap - INT TERM HUP
if systemctl is-active --quiet "$PROBER"; then systemctl restart "$PROBER"; fi
say "version $version is in service, out of service for $(($(date +%s) - stopped_at)) s"
say "to come back: upgrade.sh --back $old${changed:+ --restore $changed}"
