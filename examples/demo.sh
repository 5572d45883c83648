#!/bin/sh
# Builds the workout tracker and runs its story; `sh examples/demo.sh --help` says more.
set -eu

if [ "${1:-}" = --help ] || [ "${1:-}" = -h ]; then
    cat <<'TEXT'
usage: sh examples/demo.sh [ARGUMENTS]

Installs what is missing (Debian packages, through apt-get as root or with sudo), builds the workout tracker and runs its
story: a phone, a tablet and a server, each on an SQLite file of its own in a temporary folder that is removed afterwards.
ARGUMENTS go to the program. The exit status is 0 only if the three replicas are equal at the end.
TEXT
    exit 0
fi

repository=$(cd "$(dirname "$0")/.." && pwd)
. "$repository/tests/support/packages.sh"
install_build_tools

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

echo "Building the workout tracker (the first time takes about a minute)."
if ! (
    cd "$repository"
    cmake --preset demo
    cmake --build --preset demo -j "$(nproc 2> /dev/null || echo 2)"
) > "$folder/build.log" 2>&1; then
    cat "$folder/build.log" >&2
    echo "The demo could not be built; the lines above say why." >&2
    exit 1
fi
rm "$folder/build.log"

"$repository/build/demo/examples/workout_demo" --folder "$folder" --log "$repository/examples/data/training_log.csv" "$@"
