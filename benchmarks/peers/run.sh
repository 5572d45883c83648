#!/bin/sh
# Installs the pinned peers beside this script and measures them; without node it says so and ends well.
here=$(cd "$(dirname "$0")" && pwd) || exit 1

for tool in node npm; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "peers: $tool is not installed, so no peer is measured (node 20 or later is needed)"
        exit 0
    fi
done

if [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 20')" != true ]; then
    echo "peers: node $(node --version) is too old, so no peer is measured (node 20 or later is needed)"
    exit 0
fi

for word in "$@"; do
    if [ "$word" = --help ]; then
        exec node "$here/run.mjs" --help
    fi
done

# A copy of the lock file inside node_modules says what was installed there.
installed="$here/node_modules/installed-lock.json"
if ! cmp -s "$here/package-lock.json" "$installed"; then
    echo "peers: installing the pinned packages with npm ci (once; may compile SQLite for some minutes)" >&2
    if ! (cd "$here" && npm ci --no-audit --no-fund >&2); then
        echo "peers: npm ci failed, so no peer is measured; it needs a package registry or a filled npm cache (try: npm ci --offline)"
        exit 0
    fi
    cp "$here/package-lock.json" "$installed"
fi

exec node "$here/run.mjs" "$@"
