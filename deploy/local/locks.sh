#!/bin/sh
# Locks pyproject.toml into requirements/, with hashes and without any address: sh deploy/local/locks.sh
set -eu

uv=$(command -v uv || echo .venv/bin/uv)
"$uv" --version >/dev/null 2>&1 || {
    echo "uv is missing: .venv/bin/python -m pip install uv" >&2
    exit 1
}
lock() {
    out=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
        "$@" --output-file "$out" >/dev/null
}
lock requirements/run.txt pyproject.toml --extra planning --extra approval --extra publishing --extra monitoring \
    --extra reporting --extra platform
lock requirements/dev.txt pyproject.toml --all-extras --constraints requirements/run.txt
# what the benchmark compares with: never in .venv
for peer in quix faust; do
    lock "requirements/peer-$peer.txt" --group "pyproject.toml:peer-$peer"
done
