#!/bin/sh
# Builds the workout tracker and runs its story; `sh examples/demo.sh --help` says more.
set -eu

case ${1:-} in
    '') ;;
    --help | -h)
        cat <<'TEXT'
usage: sh examples/demo.sh

Installs what is missing (Debian packages, through apt-get as root or with sudo), builds the workout tracker's two programs,
`workout` and `workout_server`, and runs its story: a server, a phone, a tablet and a third device as processes that speak HTTP
over the loopback interface, each with an SQLite file in a temporary folder that is removed afterwards. The server and a device
are killed on the way. The exit status is 0 only if all devices have the same rows at the end.
TEXT
        exit 0
        ;;
    *)
        echo "demo.sh: takes no arguments but --help" >&2
        exit 2
        ;;
esac

repository=$(cd "$(dirname "$0")/.." && pwd)
. "$repository/tests/support/packages.sh"
install_build_tools

build_log=$(mktemp)
trap 'rm -f "$build_log"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

echo "Building the workout tracker (the first time takes two or three minutes)."
if ! (
    cd "$repository"
    cmake --preset demo
    cmake --build --preset demo -j "$(nproc 2> /dev/null || echo 2)"
) > "$build_log" 2>&1; then
    cat "$build_log" >&2
    echo "The demo could not be built; the lines above say why." >&2
    exit 1
fi
sh "$repository/examples/workout/story.sh" "$repository/build/demo/examples/workout" "$repository/build/demo/examples/workout_server" \
    "$repository/examples/data/training_log.csv"
