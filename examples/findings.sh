#!/bin/sh
# Findings about the backups of databases. FOLDER has one folder for each database, and in it one file for each backup.
#
#   findings.sh FOLDER
#
# docs/reference/findings.md explains each line. Try it by hand, then let the `exec` collector run it.
set -eu
folder=${1:?give the folder with the backups}
host=$(uname -n)

# A JSON text: quotes and backslashes escaped, control characters left out.
text() {
    printf '"%s"' "$(printf '%s' "$1" | tr -d '\000-\037\177' | sed 's/[\\"]/\\&/g')"
}

echo '{"plimsoll":"findings/v1","scope":"backups"}'
store="volume:$host$folder"
printf '{"asset":{"id":%s,"kind":"volume","name":%s}}\n' "$(text "$store")" "$(text "$folder")"

for path in "$folder"/*/; do
    [ -d "$path" ] || continue
    name=$(basename "$path")
    id="database:$host/$name"
    if [ ! -r "$path" ] || [ ! -x "$path" ]; then
        printf '{"trouble":{"what":%s}}\n' "$(text "$path may not be read; run this as a user who may")"
        continue
    fi
    newest=
    for file in "$path"*; do
        [ -f "$file" ] || continue
        if [ -z "$newest" ] || [ "$file" -nt "$newest" ]; then
            newest=$file
        fi
    done
    printf '{"asset":{"id":%s,"kind":"database","name":%s' "$(text "$id")" "$(text "$name")"
    if [ -n "$newest" ]; then
        # The time and size differ from backup to backup: readings, so that they do not show as changes.
        printf ',"facts":{"backup.present":true},"readings":{"backup.latest":"%s","backup.bytes":%d}}}\n' \
            "$(date -u -r "$newest" +%Y-%m-%dT%H:%M:%SZ)" "$(wc -c <"$newest")"
    else
        printf ',"facts":{"backup.present":false}}}\n'
    fi
    printf '{"relation":{"from":%s,"kind":"stores-on","to":%s}}\n' "$(text "$id")" "$(text "$store")"
done

# Only a script that came this far has seen them all.
echo '{"scope":{"name":"backups","complete":true}}'
