#!/bin/sh
# The story of the workout tracker: a phone and a tablet edit offline, processes are killed, and all end with the same rows.
# usage: story.sh WORKOUT WORKOUT_SERVER TRAINING_LOG
set -eu

[ $# -eq 3 ] || { echo "usage: story.sh WORKOUT WORKOUT_SERVER TRAINING_LOG" >&2; exit 2; }
workout=$1 server=$2 log=$3
folder=$(mktemp -d)
server_process='' device_process=''

stop() {
    [ -z "$1" ] || { kill "-$2" "$1" && wait "$1"; } 2> /dev/null || true
}
clean_up() {
    stop "$device_process" KILL
    stop "$server_process" KILL
    rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
fail() {
    echo "not converged: $*" >&2
    exit 1
}
chapter() { printf '\n== %s\n' "$*"; }

# Starts the server on port `$1`, 0 for any, and waits until it listens at $url.
start_server() {
    : > "$folder/server.out"
    "$server" --db "$folder/server.db" --port "$1" --token-file "$folder/tokens" > "$folder/server.out" 2> "$folder/server.err" &
    server_process=$!
    until grep -q '^listening on ' "$folder/server.out"; do
        kill -0 "$server_process" 2> /dev/null || { cat "$folder/server.err" >&2; fail "the server did not start"; }
        sleep 0.02
    done
    url=$(sed -n 's/^listening on //p' "$folder/server.out")
}
# A command of device `$1`, on the store of its name.
on() {
    device=$1
    shift
    "$workout" --db "$folder/$device.db" --owner sam "$@"
}
# A claim that a killed sync left behind keeps the next one waiting no longer than the lease.
sync_of() {
    device=$1
    shift
    echo "$device:"
    on "$device" sync --server "$url" --token-file "$folder/token" --lease-ms 500 "$@" 2> "$folder/progress" | sed 's/^/  /'
}
# Starts a sync of device `$1` in small steps and returns in the middle of it.
begin_long_sync() {
    : > "$folder/progress"
    "$workout" --db "$folder/$1.db" --owner sam sync --server "$url" --token-file "$folder/token" --lease-ms 500 --batch-operations 5 \
        > "$folder/long" 2> "$folder/progress" &
    device_process=$!
    until grep -q 'pushed [0-9]\{3\}' "$folder/progress"; do
        kill -0 "$device_process" 2> /dev/null || { cat "$folder/long" "$folder/progress" >&2; fail "the sync ended before it could be disturbed"; }
    done
}
pending() { on "$1" status --json | sed 's/.*"rows":[0-9]*,"pending":\([0-9]*\),.*/\1/'; }
# The id in line `$3` of entity `$2` on device `$1`.
id_of() { on "$1" show "$2" | sed -n "$3s/ .*//p"; }

echo 'secret-of-sam=sam' > "$folder/tokens"
echo 'secret-of-sam' > "$folder/token"
start_server 0
port=${url##*:}
echo "a server at $url, every device a process of its own"
echo "what is sent first, derived from the entities' foreign keys:"
"$workout" graph | sed -n 's/^ *t[0-9]*\["\(.*\)"\]$/  \1/p'

chapter "The phone is offline and imports a training log"
on phone import "$log" 2> /dev/null
echo "$(pending phone) operations wait"

chapter "The server is killed in the middle of the phone's sync, and comes back"
begin_long_sync phone
stop "$server_process" KILL
server_process=''
wait "$device_process" && fail "the sync did not notice that the server was killed"
device_process=''
head -n 1 "$folder/long" | sed 's/^/  the phone says: /'
echo "  $(pending phone) operations still wait"
start_server "$port"

chapter "The phone's sync is killed as well"
begin_long_sync phone
stop "$device_process" KILL
device_process=''
echo "  $(pending phone) operations still wait"
sync_of phone
[ "$(pending phone)" = 0 ] || fail "operations still wait on the phone"

chapter "A tablet signs in and fetches everything"
sync_of tablet

chapter "Both edit the same workout offline; the phone removes another one to which the tablet adds a set"
shared=$(id_of phone workout 2)
doomed=$(id_of phone workout '$')
on phone set workout "$shared" 'name=Push A (phone)' 'notes=felt strong'
on tablet set workout "$shared" 'name=Push A (tablet)' startedAt=2024-01-08T19:55:28Z
part=$(on tablet show workout_exercise --json | tr '{' '\n' | sed -n "s/^\"id\":\"\([^\"]*\)\",\"workoutId\":\"$doomed\".*/\1/p" | head -n 1)
on tablet add workout_set "workoutExerciseId=$part" position=99 reps=12 weightKg=20 'notes=one more for the pump' > /dev/null
on phone rm workout "$doomed"
sync_of phone
sync_of tablet
sync_of phone

chapter "What was lost to the other device is kept for the user"
for device in phone tablet; do
    echo "$device:"
    on "$device" conflicts | sed 's/^/  /'
done
[ "$(on phone conflicts --json)" != '[]' ] || [ "$(on tablet conflicts --json)" != '[]' ] || fail "no conflict was recorded"

chapter "A third device, fresh from the shop, fetches everything; the three are compared row by row"
sync_of watch
for device in phone tablet watch; do
    on "$device" show --json > "$folder/$device.json"
    [ "$(pending "$device")" = 0 ] || fail "operations still wait on the $device"
    [ "$(on "$device" quarantine --json)" = '[]' ] || fail "something was refused on the $device"
    cmp "$folder/phone.json" "$folder/$device.json" >&2 || fail "the rows of phone and $device differ"
done
stop "$server_process" TERM
server_process=''
rows=$(on watch status --json | sed 's/.*"rows":\([0-9]*\),"pending".*/\1/')
[ "$rows" -gt 0 ] || fail "no rows arrived"
echo "converged: 3 devices, $rows rows each, one content"
