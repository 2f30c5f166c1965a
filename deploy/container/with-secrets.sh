#!/bin/sh
# Runs a command with the settings that stand in files: NAME_FILE=/run/secrets/x gives the command NAME=the content of x.
set -eu
for pair in $(env | grep -o '^SHOPWRIGHT_[A-Z_]*_FILE=' || true); do
    variable=${pair%=}
    name=${variable%_FILE}
    eval "file=\$$variable"
    [ -n "$file" ] || continue
    if [ ! -r "$file" ]; then
        echo "with-secrets: $variable names $file, which cannot be read" >&2
        exit 2
    fi
    value=$(cat "$file")
    export "$name=$value"
    unset "$variable"
done
exec "$@"
