#!/bin/sh
# Makes an account of the store as the database's administrator, with its password from the secret of its name: the services
# "migrator" and "grants" of compose.yaml. May be repeated.
set -eu
account=$1
password=$(cat "/run/secrets/$account")
case $password in
*[!0-9a-f]* | "")
    echo "account.sh: the secret $account must consist of the digits 0-9 and a-f (container/make-secrets.sh)" >&2
    exit 2
    ;;
esac
MYSQL_PWD=$(cat /run/secrets/store_root)
export MYSQL_PWD
# The network between the containers is of this machine only, so without TLS.
sed "s/change-me/$password/; s/ REQUIRE SSL//" "/sql/$account.sql" | mariadb --host=db --user=root
