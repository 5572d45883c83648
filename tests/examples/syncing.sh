#!/bin/sh
# The shell and the server program together, as processes over the loopback: tokens, owners, exit statuses, watching, ending.
# usage: syncing.sh NOTES WORKOUT WORKOUT_SERVER
set -eu
notes=$1 workout=$2 workout_server=$3
. "$(dirname "$0")/checks.sh"

# Command lines of the server that cannot be.
expect 0 '^Usage: workout_server' "$workout_server" --help
expect 2 '--db is required' "$workout_server"
expect 2 'nobody could sync' "$workout_server" --db x.db
expect 2 'TOKEN=OWNER' "$workout_server" --db x.db --token secret
expect 2 'given twice' "$workout_server" --db x.db --token a=ann --token a=bob
expect 2 'port' "$workout_server" --db x.db --token a=ann --port 70000
expect 2 'not expected: extra' "$workout_server" --db x.db --token a=ann extra
expect 1 'cannot open nobody' "$workout_server" --db x.db --token-file nobody
echo 'this is no database, and it is long enough to be one if it were one' > junk.db
expect 1 'not a database' "$workout_server" --db junk.db --token a=ann

# Two owners on one server; their rows do not meet.
printf '# tokens\nsecret-of-ann=ann\n\nsecret-of-bob=bob\n' > tokens
serve notes "$notes" serve --db server.db --token-file tokens --token other-of-ann=ann
notes_server=$server notes_url=$url
expect 1 'cannot listen on 127.0.0.1' "$notes" serve --db other.db --token a=ann --port "${url##*:}"
expect 1 'cannot listen' "$notes" serve --db other.db --token a=ann --host 203.0.113.1
"$notes" --db ann.db --owner ann add folder id=home name=Home > output
expect 0 '^complete, ' "$notes" --db ann.db sync --server "$url" --token secret-of-ann
expect 0 '^last complete sync with http://127.0.0.1' "$notes" --db ann.db status
expect 0 '^folders +1 +0 +0$' "$notes" --db ann.db status
expect 0 '^standing +synced' "$notes" --db ann.db why folder home
expect 0 'nothing was transferred' env SYNCLINE_TOKEN=secret-of-bob "$notes" --db bob.db --owner bob sync --server "$url"
expect 0 '"pulled":0' "$notes" --db bob.db sync --server "$url" --token secret-of-bob --json
echo 'other-of-ann' > token
expect 0 '"outcome":"complete","converged":true.*"folders":{"pushed":0,"pulled":1' "$notes" --db ann2.db sync --server "$url" --token-file token --json
same 'two devices of an owner' "$("$notes" --db ann.db show --json)" "$("$notes" --db ann2.db show --json)"
expect 1 'wrong_owner|another owner' "$notes" --db ann.db sync --server "$url" --token secret-of-bob

# Rows written before the sign-in go nowhere until the store is claimed, and a token does not claim it.
"$notes" --db early.db add folder id=early name=Early > output
expect 1 '^refused, 0 request.*owner_unknown: .*claim' "$notes" --db early.db sync --server "$url" --token secret-of-bob
expect 1 '"outcome":"refused".*owner_unknown.*"requests":0' "$notes" --db early.db sync --server "$url" --token secret-of-bob --json
expect 1 'owner_unknown' "$notes" --db early.db sync --watch --server "$url" --token secret-of-bob
expect 0 '"device":"","owner":""' "$notes" --db early.db status --json
expect 0 '' "$notes" --db early.db claim ann
expect 1 'wrong_owner' "$notes" --db early.db sync --server "$url" --token secret-of-bob
expect 0 '^complete, ' "$notes" --db early.db sync --server "$url" --token secret-of-ann
expect 0 '^standing +synced' "$notes" --db early.db why folder early
expect 0 '' "$notes" --db early.db rm folder early
expect 0 '^complete, ' "$notes" --db early.db sync --server "$url" --token secret-of-ann
# A store without rows belongs to whoever signs in first.
expect 0 '^owner ann$' "$notes" --db ann2.db status

# What sync cannot do.
expect 2 'sync needs --server URL' "$notes" --db ann.db sync
expect 2 'wants a token' "$notes" --db ann.db sync --server "$url"
expect 1 'cannot read a token from nobody' "$notes" --db ann.db sync --server "$url" --token-file nobody
expect 1 '^unauthorized' "$notes" --db ann.db sync --server "$url" --token wrong
for garbage in nonsense http:// 'http://a b' ftp://127.0.0.1 http://127.0.0.1:99999 http://203.0.113.1; do
    expect 2 '^notes: --server: ' "$notes" --db ann.db sync --server "$garbage" --token secret-of-ann
done
expect 1 '^offline' "$notes" --db ann.db sync --server http://127.0.0.1:1 --token secret-of-ann
expect 1 '"outcome":"offline","converged":false' "$notes" --db ann.db sync --server http://127.0.0.1:1 --token secret-of-ann --json
expect 1 'not a database' "$notes" --db junk.db sync --server "$url" --token secret-of-ann
serve workout "$workout_server" --db :memory: --port 0 --token secret-of-ann=ann
expect 1 '^refused.*schema' "$notes" --db ann.db sync --server "$url" --token secret-of-ann
expect 0 '^complete' "$workout" --db w.db sync --server "$url" --token secret-of-ann
workout_process=$server
url=$notes_url

# A conflict: both values are kept, and the record can be dropped.
expect 0 '' "$notes" --db ann.db set folder home name=Ann
expect 0 '' "$notes" --db ann2.db set folder home name=Annette
expect 0 '' "$notes" --db ann.db sync --server "$url" --token secret-of-ann
expect 0 'new conflict' "$notes" --db ann2.db sync --server "$url" --token secret-of-ann
expect 0 '^ +name +Annette +Ann +here$' "$notes" --db ann2.db conflicts
expect 0 '"kind":"field overwritten","entity":"folder","id":"home","kept":"here","reason":"","here":{"name":"Annette"},"there":{"name":"Ann"}' \
    "$notes" --db ann2.db conflicts --json
expect 0 '"conflicts":1' "$notes" --db ann2.db status --json
expect 0 '' "$notes" --db ann2.db conflicts forget all
expect 0 '^no conflicts$' "$notes" --db ann2.db conflicts

# What the server refuses is set aside and holds up only what needs it; an edit repairs it, or it is given up.
serve strict "$notes" serve --db strict.db --token secret-of-ann=ann --text-bytes 256
long=$(printf %300s too-long | tr " " x)
sync_strict="$notes --db strict_device.db --owner ann sync --server $url --token secret-of-ann"
"$notes" --db strict_device.db add folder id=toolong "name=$long" > output
"$notes" --db strict_device.db add note id=inside folder=toolong > output
"$notes" --db strict_device.db add folder id=short name=short > output
expect 1 '1 operation.s. were refused, see quarantine' $sync_strict
expect 1 '"quarantined":1' $sync_strict --json
expect 0 '^standing +synced' "$notes" --db strict_device.db why folder short
expect 0 '^standing +set aside' "$notes" --db strict_device.db why folder toolong
expect 0 '^standing +blocked' "$notes" --db strict_device.db why note inside
expect 0 '^because +needs folder toolong' "$notes" --db strict_device.db why note inside
expect 0 '^folder +toolong +create +too_large' "$notes" --db strict_device.db quarantine
expect 0 '"entity":"folder","id":"toolong","operation":"create","reason":"too_large"' "$notes" --db strict_device.db quarantine --json
expect 1 "no refused operation of a row 'short'" "$notes" --db strict_device.db quarantine retry short
expect 2 'ID is required' "$notes" --db strict_device.db quarantine retry
expect 0 '' "$notes" --db strict_device.db quarantine retry tool
expect 0 '^nothing was refused' "$notes" --db strict_device.db quarantine
expect 1 'were refused' $sync_strict
expect 0 '^note +inside +vanishes' "$notes" --db strict_device.db quarantine discard toolong --preview
expect 0 '^folder +toolong +create' "$notes" --db strict_device.db quarantine
expect 0 '' "$notes" --db strict_device.db set folder toolong name=fits
expect 0 '^complete' $sync_strict
expect 0 '^standing +synced' "$notes" --db strict_device.db why note inside
expect 0 '' "$notes" --db strict_device.db set folder toolong "name=$long"
expect 1 'were refused' $sync_strict
expect 0 '"id":"toolong","fate":"restored"' "$notes" --db strict_device.db quarantine discard toolong --json
expect 0 '^name +fits$' "$notes" --db strict_device.db show folder toolong
expect 0 'xxtoo-long' "$notes" --db strict_device.db conflicts
expect 0 '^complete' $sync_strict
url=$notes_url

# Watching: news from another device, edits of another process, and the end by a signal.
"$notes" --db ann.db sync --watch --server "$url" --token secret-of-ann > watch.out 2> watch.errors &
watching=$!
started="$started $watching"
await watch.out '0 pushed, 1 pulled'
"$notes" --db ann2.db add folder id=away name=Away > output
expect 0 '^complete' "$notes" --db ann2.db sync --server "$url" --token secret-of-ann
tries=0
until "$notes" --db ann.db show --json | grep -q '"away"'; do
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || break
    sleep 0.05
done
expect 0 '^name +Away$' "$notes" --db ann.db show folder away
expect 0 '^mine$' "$notes" --db ann.db add folder id=mine name=Mine
await watch.out '1 pushed, 0 pulled'
expect 0 '^standing +synced' "$notes" --db ann.db why folder mine
kill -TERM "$watching"
status=0
wait "$watching" || status=$?
same 'status of a watch that was ended' 0 "$status"
expect 1 '' "$notes" --db ann.db sync --watch --server "$url" --token wrong

# Both signals end a server, and what it had is there when it comes back.
kill -TERM "$notes_server"
status=0
wait "$notes_server" || status=$?
same 'status of a server that was ended' 0 "$status"
kill -INT "$workout_process"
status=0
wait "$workout_process" || status=$?
same 'status of a server that was interrupted' 0 "$status"
serve again "$notes" serve --db server.db --token secret-of-ann=ann
expect 0 '^all +0 +3 ' "$notes" --db ann3.db sync --server "$url" --token secret-of-ann
same 'three devices of an owner' "$("$notes" --db ann.db show --json)" "$("$notes" --db ann3.db show --json)"
finish
