#!/bin/sh
# Builds syncline and runs its tests; `sh tests/run.sh --help` says more.
set -eu

usage() {
    cat <<'TEXT'
usage: sh tests/run.sh [--full] [--long]

Installs what is missing (Debian packages, through apt-get as root or with sudo), builds with g++ and runs every test.
Takes minutes; a second run builds only what has changed.

  --full   also every header alone, then the same under AddressSanitizer and UndefinedBehaviorSanitizer, the threaded tests under
           ThreadSanitizer, and at last everything built with clang 19 (clang-19 is installed if missing)
  --long   also the one-line mutants of the client's core, each of which its unit tests have to notice; minutes more
  --help   this text

Everything is built in build/ of this repository. The last lines are ctest's summary; the exit status is 0 only if all
tests passed. RC_PARAMS="max_success=1000 seed=42" sets how many cases a property tries, and from which seed.
TEXT
}

full=no
long=no
for argument in "$@"; do
    case $argument in
        --full) full=yes ;;
        --long) long=yes ;;
        --help | -h)
            usage
            exit 0
            ;;
        *)
            echo "tests/run.sh: unknown option '$argument'" >&2
            usage >&2
            exit 2
            ;;
    esac
done

cd "$(dirname "$0")/.."
. tests/support/packages.sh

# clang-19 now and not when its turn comes, so that a machine that cannot have it says so at once.
# shellcheck disable=SC2046  # nothing, or one word
install_build_tools librapidcheck-dev=header:rapidcheck.h catch2=header:catch2/catch.hpp,catch2/catch_test_macros.hpp \
    libcurl4-openssl-dev=header:curl/curl.h openssl=command:openssl nodejs=command:node \
    $([ "$full" = no ] || echo clang-19=command:clang++-19 libclang-rt-19-dev=)
jobs=$(nproc 2> /dev/null || echo 2)
# The same random cases on every run, so that a failure is the change's; RC_PARAMS="seed=..." or "max_success=..." asks for others.
export RC_PARAMS="${RC_PARAMS:-seed=20261123}"

# Configures, builds and tests the preset `$1`; what follows is put before the commands that run tests.
stage() {
    preset=$1
    shift
    printf '\n== %s: configure, build, test (%s jobs)\n' "$preset" "$jobs"
    # shellcheck disable=SC2086  # nothing, or one word
    cmake --preset "$preset" $configured_with
    "$@" cmake --build --preset "$preset" -j "$jobs"
    "$@" ctest --preset "$preset" -j "$jobs"
}

# ThreadSanitizer of gcc 12 does not start where the kernel spreads addresses widely; setarch -R stops the spreading.
find_launcher_for_thread_sanitizer() {
    mkdir -p build
    printf 'int main() {}\n' > build/probe.cpp
    g++ -fsanitize=thread build/probe.cpp -o build/probe
    for launcher in env "setarch $(uname -m) -R"; do
        # shellcheck disable=SC2086  # several words on purpose
        if $launcher build/probe > /dev/null 2>&1; then return 0; fi
    done
    echo "Programs under ThreadSanitizer do not start on this machine, not even with setarch -R; no test ran under it." >&2
    exit 1
}

# That each header compiles alone costs as much as a quarter of the rest, and breaks seldom.
configured_with=-DSYNCLINE_HEADERS_ALONE=$([ "$full" = yes ] && echo ON || echo OFF)
stage tests env
configured_with=
if [ "$full" = yes ]; then
    # Sanitizers are slow: a quarter of the random cases, shorter stories in the enumeration of the client's transitions, and no integration
    # tests, whose paths the simulated worlds take as well.
    stage sanitize env RC_PARAMS="$RC_PARAMS max_success=25" SYNCLINE_ENUMERATION_DEPTH=4 SYNCLINE_ENUMERATION_WALKS=100
    find_launcher_for_thread_sanitizer
    # shellcheck disable=SC2086  # several words on purpose
    stage threads $launcher
    stage clang env
fi
if [ "$long" = yes ]; then
    printf "\n== mutants of the client's core\n"
    sh tests/mutants/transitions.sh
fi
