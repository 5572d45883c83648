#!/bin/sh
# Builds the benchmarks and runs them; `sh benchmarks/run.sh --help` says more.
set -eu

repository=$(cd "$(dirname "$0")/.." && pwd)

# The names that the harness understands are looked at before anything is installed or built.
peers=no
http=no
instead=
quick=
takes_value=no
for argument in "$@"; do
    if [ "$takes_value" = yes ]; then
        takes_value=no
        continue
    fi
    case $argument in
        --peers) peers=yes ;;
        --quick) quick=--quick ;;
        --http) http=yes ;;
        --growth | --explain) ;;
        --micro | --scale | --compile-time) instead=${argument#--} ;;
        --json | --svg | --works | --stores | --rounds | --dir | --seed | --ids) takes_value=yes ;;
        --help | -h)
            sed '1d;$d' "$repository/benchmarks/harness/usage.txt"
            exit 0
            ;;
        *)
            echo "benchmarks/run.sh: unknown option '$argument'; --help lists what there is" >&2
            exit 2
            ;;
    esac
done
if [ "$takes_value" = yes ]; then
    echo "benchmarks/run.sh: $argument needs a value; --help lists what there is" >&2
    exit 2
fi
if [ "$peers" = yes ] && [ ! -f "$repository/benchmarks/peers/run.sh" ]; then
    echo "benchmarks/run.sh: there is no benchmarks/peers/run.sh in this copy, so --peers cannot be done" >&2
    exit 2
fi

. "$repository/tests/support/packages.sh"
# shellcheck disable=SC2046  # nothing, or one word
install_build_tools $([ "$instead" != micro ] || echo libbenchmark-dev=header:benchmark/benchmark.h)

mkdir -p "$repository/build/benchmarks"
log=$repository/build/benchmarks/build.log
echo "Building the benchmarks (the first time takes two minutes)." >&2
if ! (
    cd "$repository"
    cmake --preset benchmarks
    cmake --build --preset benchmarks -j "${JOBS:-$(nproc 2> /dev/null || echo 2)}"
) > "$log" 2>&1; then
    cat "$log" >&2
    echo "The benchmarks could not be built; the lines above say why." >&2
    exit 1
fi

# Files that a stopped run leaves behind go with this folder.
folder=$(mktemp -d "$repository/build/benchmarks/rounds-XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

programs=$repository/build/benchmarks/benchmarks
# shellcheck disable=SC2046  # nothing, or two words
case $instead in
    micro) "$programs/micro" --benchmark_counters_tabular=true ;;
    scale) "$programs/scale" --dir "$folder" $([ -z "$quick" ] || echo --rows 100000) ;;
    compile-time) "$programs/compile_time" --root "$repository" $([ -z "$quick" ] || echo --rounds 1) ;;
esac
[ -z "$instead" ] || exit 0

# The harness has no --peers: they are another program's, with other runtimes.
for argument in "$@"; do
    shift
    [ "$argument" = --peers ] || set -- "$@" "$argument"
done
"$programs/harness" --dir "$folder" "$@"
if [ "$http" = yes ]; then
    printf '\n'
    # shellcheck disable=SC2086  # nothing, or one word
    "$programs/load" --dir "$folder" $quick
fi
if [ "$peers" = yes ]; then
    printf '\n'
    # shellcheck disable=SC2086  # nothing, or one word
    sh "$repository/benchmarks/peers/run.sh" $quick
fi
