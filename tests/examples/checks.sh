# Sourced by the scripts beside it: runs programs, compares exit status and output, and stops what it started.
# shellcheck shell=sh

folder=$(mktemp -d)
started=''
failures=0
clean_up() {
    for process in $started; do kill -KILL "$process" 2> /dev/null || true; done
    rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$folder" || exit 1

# expect STATUS PATTERN COMMAND...: the command ends with this status, and one line of its output or errors matches.
expect() {
    wanted_status=$1 wanted_text=$2
    shift 2
    status=0
    "$@" > output 2> errors < /dev/null || status=$?
    if [ "$status" != "$wanted_status" ] || ! { cat output errors && echo; } | grep -qE -e "$wanted_text"; then
        failures=$((failures + 1))
        echo "FAILED: $*"
        echo "  expected status $wanted_status and a line with '$wanted_text', got status $status and:"
        sed 's/^/  | /' output errors
    fi
}

# same WHAT A B: two texts are equal.
same() {
    if [ "$2" != "$3" ]; then
        failures=$((failures + 1))
        printf 'FAILED: %s\n  %s\n  %s\n' "$1" "$2" "$3"
    fi
}

# serve NAME COMMAND...: starts a server with the output NAME.out, and waits until it listens at $url; $server is its process.
serve() {
    name=$1
    shift
    : > "$name.out"
    "$@" > "$name.out" 2> "$name.errors" &
    server=$!
    started="$started $server"
    await "$name.out" '^listening on '
    url=$(sed -n 's/^listening on //p' "$name.out")
}

# await FILE PATTERN: until a line of the file matches; gives up after some ten seconds.
await() {
    tries=0
    until grep -qE -e "$2" "$1"; do
        tries=$((tries + 1))
        if [ "$tries" -gt 500 ]; then
            failures=$((failures + 1))
            echo "FAILED: no line with '$2' came in $1:"
            sed 's/^/  | /' "$1"
            return
        fi
        sleep 0.02
    done
}

# finish: the script's last line.
finish() {
    [ "$failures" = 0 ] || { echo "$failures failure(s)"; exit 1; }
    echo "all as expected"
}
