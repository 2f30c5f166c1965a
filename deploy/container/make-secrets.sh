#!/bin/sh
# Makes the passwords of compose.yaml, once: deploy/secrets/*. Existing files stay as they are.
set -eu
folder=${1:-$(dirname "$0")/../secrets}
umask 077
mkdir -p "$folder"
for account in root migrator app; do
    [ -s "$folder/store_$account" ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$folder/store_$account"
done
# The network between the containers is of this machine only, so without TLS.
for account in migrator app; do
    url="mysql+pymysql://shopwright_$account:$(cat "$folder/store_$account")@db/shopwright?ssl_disabled=true"
    [ -s "$folder/store_${account}_url" ] || printf '%s' "$url" >"$folder/store_${account}_url"
done
# Containers read them as another user; the folder keeps the people of this machine out.
chmod 444 "$folder"/store_*
echo "passwords and addresses are in $folder"
