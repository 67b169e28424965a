#!/bin/sh
# Makes .venv when it is missing and installs a lock into it once: sh deploy/local/venv.sh run|dev
set -eu

trouble() {
    printf '\nCannot go on: %s\n  why:  %s\n  do:   %s\n' "$1" "$2" "$3" >&2
    exit 1
}

group=${1:?run or dev}
python=${PYTHON:-python3}
lock=requirements/$group.txt

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    command -v "$python" >/dev/null 2>&1 ||
        trouble "there is no $python" "Python 3.11 or newer is needed." "apt-get install python3 python3-venv   (Debian, as root), or PYTHON=/path/to/python3.11"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        trouble "$("$python" --version) is too old" "Python 3.11 or newer is needed." "Install one, then: make ... PYTHON=python3.11"
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        trouble "Python cannot make a virtual environment" "The module venv or ensurepip is missing; Debian packs it apart." "apt-get install python3-venv   (Debian, as root)"
    free_kb=$(df -Pk . | awk 'NR == 2 { print $4 }')
    [ "$free_kb" -ge 2097152 ] ||
        trouble "too little disk" "$(pwd) has $((free_kb / 1024)) MB free; 2 GB are needed." "Make room, or clone to a larger disk."
    echo "Making .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv ||
        trouble "Python cannot make a virtual environment" "see above" "apt-get install python3-venv   (Debian, as root)"
fi

sum() { .venv/bin/python -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$1"; }
stamped() { [ -f ".venv/.lock-$1" ] && [ "$(cat ".venv/.lock-$1")" = "$(sum "requirements/$1.txt")" ]; }

# dev holds run: whoever has it needs no second look
if stamped "$group" || { [ "$group" = run ] && stamped dev; }; then
    exit 0
fi
echo "Installing $lock, once (a Java runtime and a MongoDB are in it)"
total=$(grep -c '^[A-Za-z0-9].*==' "$lock")
{
    .venv/bin/python -m pip install --disable-pip-version-check --no-input --progress-bar off \
        --require-hashes -r "$lock" && echo "pip is done" || echo "pip has failed"
} 2>&1 | tee .venv/install.log | awk -v total="$total" '
    /^ *(Downloading|Using cached) / { n++; if (n % 10 == 0 || / MB\)/) { print "  " n " of " total ": " $0; fflush() } }
    /^ *(ERROR|WARNING)/ { print; fflush() }
    /^Installing collected/ { print "  unpacking"; fflush() }'
[ "$(tail -n 1 .venv/install.log)" = "pip is done" ] ||
    trouble "Python's packages cannot be installed" "pip says so above and in .venv/install.log; without a network it cannot reach the package index." \
        "Connect this machine, or set HTTPS_PROXY or PIP_INDEX_URL to your proxy or mirror, then start again (what was fetched is kept)."
sum "$lock" >".venv/.lock-$group"
