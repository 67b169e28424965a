#!/bin/sh
# Records anew what the SDKs of other languages send, at the versions of their lock files: sh tests/sdk/capture/run.sh
# Needs node with npm, go and python3; the tests need none of them, they post what is recorded.
set -eu
cd "$(dirname "$0")"
port=${PORT:-18099}
recorded=$(cd ../recorded && pwd)
python3 catch.py "$recorded" "$port" &
catching=$!
trap 'kill $catching 2>/dev/null || true; rm -rf javascript/node_modules' EXIT
sleep 1
(cd javascript && npm ci --silent --no-audit --no-fund && node capture.mjs "http://127.0.0.1:$port" "$recorded")
(cd go && go run . "http://127.0.0.1:$port" "$recorded")
python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$port/end').read()"
wait $catching
ls "$recorded"
