# Sourced by tests/run.sh and examples/demo.sh: installs what a machine lacks, and nothing else.
# shellcheck shell=sh

# True when `$1`, a Debian package, is installed, or when what it is for is here without it: `$2` is command:NAME or
# header:NAME[,NAME...], of which one is enough; nothing else will do where it is neither.
is_present() {
    if command -v dpkg-query > /dev/null && [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2> /dev/null)" = installed ]; then
        return 0
    fi
    case $2 in
        command:*) command -v "${2#command:}" > /dev/null ;;
        header:*)
            for header in $(echo "${2#header:}" | tr , ' '); do
                if printf '#include <%s>\n' "$header" | g++ -std=c++20 -E -x c++ - > /dev/null 2>&1; then return 0; fi
            done
            return 1
            ;;
        *) return 1 ;;
    esac
}

# Installs those of the arguments, each a package, `=` and what is_present takes, that are missing. Ends the script with a
# sentence where it cannot.
install_missing() {
    missing=
    for need in "$@"; do
        is_present "${need%%=*}" "${need#*=}" || missing="$missing ${need%%=*}"
    done
    [ -n "$missing" ] || return 0

    if ! command -v apt-get > /dev/null; then
        echo "syncline needs$missing (Debian's names); this machine has no apt-get, so please install them and run this again." >&2
        exit 1
    fi
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif ! command -v sudo > /dev/null; then
        echo "syncline needs$missing; you are not root and there is no sudo, so please have them installed and run this again." >&2
        exit 1
    elif [ -t 0 ]; then
        as_root=sudo
    else
        as_root='sudo -n'
    fi

    echo "Installing$missing with apt-get."
    log=$(mktemp)
    # shellcheck disable=SC2086  # several words on purpose
    if ! { $as_root apt-get -o DPkg::Lock::Timeout=120 update &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends $missing
    } > "$log" 2>&1 < /dev/null; then
        tail -n 15 "$log" >&2
        rm -f "$log"
        echo "apt-get could not install$missing; the lines above say why. Please install them and run this again." >&2
        exit 1
    fi
    rm -f "$log"
}

# What building anything here takes, and the arguments; Ninja, where it is, serves as well as make.
install_build_tools() {
    if command -v ninja > /dev/null; then
        export CMAKE_GENERATOR="${CMAKE_GENERATOR:-Ninja}"
    else
        set -- make=command:make "$@"
    fi
    install_missing g++=command:g++ cmake=command:cmake pkg-config=command:pkg-config nlohmann-json3-dev=header:nlohmann/json.hpp \
        libsqlite3-dev=header:sqlite3.h libcpp-httplib-dev=header:httplib.h libssl-dev=header:openssl/ssl.h zlib1g-dev=header:zlib.h \
        libcli11-dev=header:CLI/CLI.hpp "$@"
}
