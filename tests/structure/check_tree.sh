#!/bin/sh
# Checks that a source tree keeps the layer law and the style. Prints one line per offence, exits 1 if there is any.
# usage: check_tree.sh ROOT
set -eu
cd "$1"

offences=$(mktemp)
trap 'rm -f "$offences"' EXIT

find . -mindepth 1 -maxdepth 1 | sed 's|^\./||' | sort | while read -r entry; do
    case $entry in
        CMakeLists.txt | CMakePresets.json | README.md | LICENSE | include | tests | benchmarks | examples | findings) ;;
        .* | build | CMakeUserPresets.json) ;;
        *) echo "$entry: not one of the entries of the top level" ;;
    esac
done > "$offences"

headers=$(find include/syncline -name '*.hpp' | sort)
[ -n "$headers" ] || echo "include/syncline: has no headers" >> "$offences"

# shellcheck disable=SC2086  # the names have no spaces: the test for that is the find above
awk '
function offence(text) { print FILENAME ":" FNR ": " text }

# The folder of a header below include/syncline; "root" for syncline.hpp, "fwd" for fwd.hpp.
function layer_of(path) {
    sub(/^(include\/)?syncline\//, "", path)
    if (path == "fwd.hpp") return "fwd"
    return path ~ /\// ? substr(path, 1, index(path, "/") - 1) : "root"
}

function check_end() {
    if (previous == "") return
    if (lines > 600) print previous ": has " lines " lines, more than 600"
    if (!has_pragma) print previous ": has no #pragma once before its first line of code"
    if (!has_sentence) print previous ": has no /// sentence on top"
    counts[files] = lines
}

function check_include(line,    name, from, to) {
    if (line ~ /"/) { offence("includes a header by a relative name: " line); return }
    name = line
    sub(/^[^<]*</, "", name)
    sub(/>.*$/, "", name)
    from = layer_of(FILENAME)
    if (name ~ /^syncline\//) {
        to = layer_of(name)
        if (from == "root" ? name ~ /sqlite|http|postgres/ : index(" " allowed[from] " ", " " to " ") == 0)
            offence("breaks the layer law: " from " may not include " name)
    } else if (name ~ /[\/.]/) {
        if (name ~ /^nlohmann\// && FILENAME ~ /syncline\/wire\//) return
        if (name == "sqlite3.h" && FILENAME ~ /syncline\/(sqlite\/|stores\/sqlite|backends\/sqlite)/) return
        if (name ~ /^httplib/ && FILENAME ~ /syncline\/transports\/http/) return
        if (name == "zlib.h" && FILENAME ~ /syncline\/transports\/http_gzip/) return
        if (name ~ /^((arpa|netinet|sys)\/.*|unistd)\.h$/ && FILENAME ~ /syncline\/testing\/loopback_server/) return
        if (name ~ /^pqxx\// && FILENAME ~ /syncline\/backends\/postgres/) return
        if (name ~ /^(catch2\/|rapidcheck)/ && from == "testing") return
        offence("third-party header outside its adapter: " name)
    }
}

BEGIN {
    allowed["fwd"] = ""
    allowed["base"] = "fwd base"
    allowed["schema"] = allowed["base"] " schema"
    allowed["model"] = allowed["schema"] " model"
    allowed["sqlite"] = allowed["model"] " sqlite"
    allowed["wire"] = allowed["model"] " wire"
    allowed["client"] = allowed["wire"] " client"
    allowed["server"] = allowed["wire"] " server"
    allowed["stores"] = allowed["client"] " sqlite stores"
    allowed["backends"] = allowed["server"] " sqlite backends"
    allowed["transports"] = allowed["client"] " server transports"
    allowed["testing"] = allowed["transports"] " sqlite stores backends testing"
}

FNR == 1 {
    check_end()
    previous = FILENAME; lines = 0; has_pragma = 0; has_sentence = 0; has_code = 0
    ++files
    layer = layer_of(FILENAME)
    if (layer != "root" && !(layer in allowed)) offence("in a folder that is no layer: " layer)
    if (layer == "root" && FILENAME !~ /syncline\/syncline\.hpp$/) offence("not in a layer")
}
{ ++lines }

!has_code && /^\/\/\/ / { has_sentence = 1 }
!has_code && /^#pragma once$/ { has_pragma = 1; next }
!has_code && !/^(\/\/.*|[ \t]*)$/ { has_code = 1 }

/^[ \t]*#[ \t]*include/ { check_include($0) }
/(^|[^A-Za-z_])(TO[D]O|FIX[M]E|X[X]X|HA[C]K)([^A-Za-z_]|$)/ { offence("unfinished work is noted in a comment") }
{
    code = $0
    sub(/\/\/.*$/, "", code)
    if (code ~ /[a-z]_distribution|std::(shuffle|sample|rand|random_shuffle)[^A-Za-z_]/)
        offence("differs between standard libraries: " code)
    if (layer != "base" && code ~ /(system|steady|high_resolution)_clock::now|std::time[ \t]*\(|random_device/)
        offence("takes its own time or randomness, instead of what it was given: " code)
}

END {
    check_end()
    for (i = 2; i <= files; ++i)
        for (j = i; j > 1 && counts[j - 1] > counts[j]; --j) { t = counts[j]; counts[j] = counts[j - 1]; counts[j - 1] = t }
    median = files % 2 ? counts[(files + 1) / 2] : (counts[files / 2] + counts[files / 2 + 1]) / 2
    if (median >= 150) print "include: the median header has " median " lines, not fewer than 150"
}
' $headers < /dev/null >> "$offences"

for folder in tests examples benchmarks; do
    [ ! -d "$folder" ] || grep -rnE '(^|[^A-Za-z_])(TO[D]O|FIX[M]E)([^A-Za-z_]|$)' "$folder" || true
done | sed 's/$/: unfinished work is noted/' >> "$offences"

# The tests run the example, and so what the README shows.
if [ -f examples/quickstart.cpp ] && ! sed -n '/^```cpp$/,/^```$/p' README.md | sed '1d;/^```$/,$d' | cmp -s - examples/quickstart.cpp; then
    echo "README.md: its first block of C++ is not examples/quickstart.cpp" >> "$offences"
fi

# The discovery of tests would cut the name in two.
find tests -name '*.[ch]pp' -exec grep -nE 'TEST_CASE\("[^"]*;' {} + |
    sed 's/$/: the name of a test case has a semicolon/' >> "$offences"

if [ -s "$offences" ]; then
    cat "$offences"
    echo "$(wc -l < "$offences") offences"
    exit 1
fi
echo "$(echo "$headers" | wc -l) headers, no offence"
