#!/bin/sh
# Set up a virtual environment with the grader and its tests: sh setup.sh FOLDER
set -eu
venv=$1
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "error: Python 3.11 or newer is needed; $python is $("$python" --version)" >&2
    echo "  → PYTHON=/path/to/python3.11 make demo" >&2
    exit 2
}
if ! "$python" -m venv "$venv"; then
    # Debian and Ubuntu keep venv in a package of its own.
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && apt-get install -y -qq python3-venv
        "$python" -m venv "$venv"
    else
        echo "error: python3-venv is missing" >&2
        echo "  → sudo apt-get install python3-venv" >&2
        exit 2
    fi
fi
# These very versions, with these very hashes; `make lock` renews them.
"$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
"$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
# The sandbox cannot write byte code, so NumPy and the guest are compiled here, once.
"$venv/bin/python" -m compileall -q autograder reference
echo "ready: $venv/bin/autograder --help"
