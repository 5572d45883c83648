#!/bin/sh
# Proves that check_tree.sh can fail: writes a small tree that it accepts, then breaks one rule after the other.
# usage: break_every_rule.sh FOLDER   (FOLDER is emptied first)
set -eu
check=$(dirname "$0")/check_tree.sh
folder=$1
failures=0

# A tree of one header per layer, each including only what it may.
lay_out_tree() {
    rm -rf "$folder"
    mkdir -p "$folder/tests" "$folder/examples"
    touch "$folder/CMakeLists.txt" "$folder/README.md" "$folder/LICENSE" "$folder/.gitignore"
    for layer in base schema model wire client server sqlite stores backends transports testing; do
        mkdir -p "$folder/include/syncline/$layer"
        write "include/syncline/$layer/thing.hpp" '/// A thing.' '#pragma once' '#include <string>'
    done
    append base/thing.hpp '#include <syncline/fwd.hpp>'
    append wire/thing.hpp '#include <nlohmann/json.hpp>' '#include <syncline/model/thing.hpp>'
    append sqlite/thing.hpp '#include <sqlite3.h>' '#include <syncline/base/thing.hpp>'
    append stores/thing.hpp '#include <syncline/client/thing.hpp>' '#include <syncline/sqlite/thing.hpp>'
    append backends/thing.hpp '#include <syncline/server/thing.hpp>' '#include <syncline/sqlite/thing.hpp>'
    append transports/thing.hpp '#include <syncline/client/thing.hpp>' '#include <syncline/server/thing.hpp>'
    append testing/thing.hpp '#include <syncline/stores/thing.hpp>' '#include <syncline/backends/thing.hpp>'
    write include/syncline/testing/loopback_server.hpp '/// A server.' '#pragma once' '#include <sys/socket.h>'
    write include/syncline/fwd.hpp '/// Names.' '#pragma once' 'namespace syncline {}'
    write include/syncline/syncline.hpp '/// All.' '#pragma once' '#include <syncline/client/thing.hpp>'
}

write() {
    path=$folder/$1
    shift
    printf '%s\n' "$@" > "$path"
}

append() {
    path=$folder/include/syncline/$1
    shift
    printf '%s\n' "$@" >> "$path"
}

long_lines() { awk -v n="$1" 'BEGIN { for (i = 0; i < n; ++i) print "int line_" i ";" }'; }

# The check refuses the tree with exactly one offence, which has these words; then the tree is good again.
refuses() {
    if said=$(sh "$check" "$folder"); then
        echo "not refused: $1"
        failures=$((failures + 1))
    elif ! printf '%s\n' "$said" | grep -qF -- "$1" || [ "$(printf '%s\n' "$said" | wc -l)" != 2 ]; then
        printf 'expected only "%s", but was told:\n%s\n' "$1" "$said"
        failures=$((failures + 1))
    fi
    lay_out_tree
}

lay_out_tree
sh "$check" "$folder"

refuses_include() {
    append "$1/thing.hpp" "#include <$2>"
    refuses "$3"
}
law='breaks the layer law'
refuses_include base syncline/schema/thing.hpp "$law: base"
refuses_include schema syncline/model/thing.hpp "$law: schema"
refuses_include model syncline/wire/thing.hpp "$law: model"
refuses_include model syncline/sqlite/thing.hpp "$law: model"
refuses_include wire syncline/client/thing.hpp "$law: wire"
refuses_include client syncline/server/thing.hpp "$law: client"
refuses_include client syncline/stores/thing.hpp "$law: client"
refuses_include server syncline/client/thing.hpp "$law: server"
refuses_include server syncline/backends/thing.hpp "$law: server"
refuses_include sqlite syncline/client/thing.hpp "$law: sqlite"
refuses_include stores syncline/server/thing.hpp "$law: stores"
refuses_include stores syncline/backends/thing.hpp "$law: stores"
refuses_include backends syncline/client/thing.hpp "$law: backends"
refuses_include backends syncline/stores/thing.hpp "$law: backends"
refuses_include transports syncline/testing/thing.hpp "$law: transports"
refuses_include testing syncline/syncline.hpp "$law: testing"
append fwd.hpp '#include <syncline/base/thing.hpp>'
refuses "$law: fwd"
append syncline.hpp '#include <syncline/stores/sqlite.hpp>'
refuses "$law: root"

refuses_include client nlohmann/json.hpp 'third-party header outside its adapter: nlohmann'
refuses_include stores sqlite3.h 'third-party header outside its adapter: sqlite3.h'
refuses_include wire catch2/catch.hpp 'third-party header outside its adapter: catch2'
refuses_include transports sys/socket.h 'third-party header outside its adapter: sys/socket.h'
refuses_include base boost/any.hpp 'third-party header outside its adapter: boost'
append base/thing.hpp '#include "other.hpp"'
refuses 'by a relative name'

mkdir "$folder/include/syncline/tools"
write include/syncline/tools/thing.hpp '/// A thing.' '#pragma once'
refuses 'in a folder that is no layer: tools'
write include/syncline/thing.hpp '/// A thing.' '#pragma once'
refuses 'not in a layer'
write notes.txt 'buy milk'
refuses 'notes.txt: not one of the entries'

long_lines 598 >> "$folder/include/syncline/base/thing.hpp"
refuses 'more than 600'
for header in "$folder"/include/syncline/*/*.hpp; do long_lines 150 >> "$header"; done
refuses 'the median header has'
write include/syncline/base/thing.hpp '/// A thing.' '#include <string>' '#pragma once'
refuses 'no #pragma once before'
write include/syncline/base/thing.hpp '#pragma once' '#include <string>' '/// A thing.'
refuses 'no /// sentence'

later='TO''DO'
append base/thing.hpp "// $later: name it"
refuses 'unfinished work'
write tests/thing.cpp "// $later: test it"
refuses 'unfinished work'
write tests/thing.cpp 'TEST_CASE("one; two") {}'
refuses 'has a semicolon'
write examples/quickstart.cpp 'int main() {}'
refuses 'not examples/quickstart.cpp'
append base/thing.hpp 'std::uniform_int_distribution<int> dice;'
refuses 'differs between standard libraries'
append base/thing.hpp 'std::shuffle(first, last, source);'
refuses 'differs between standard libraries'
append client/thing.hpp 'auto now = std::chrono::steady_clock::now();'
refuses 'takes its own time'

rm -rf "$folder/include/syncline"
mkdir "$folder/include/syncline"
refuses 'has no headers'

[ "$failures" = 0 ] || exit 1
rm -rf "$folder"
echo "every rule can be broken"
