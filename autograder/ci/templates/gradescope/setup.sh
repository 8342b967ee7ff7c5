#!/usr/bin/env bash
# Written by `autograder bundle gradescope`. Gradescope runs it once, when it builds the image.
set -euo pipefail
SOURCE=${AUTOGRADER_SOURCE:-/autograder/source}
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    apt-get install --yes -qq --no-install-recommends python3 python3-venv bubblewrap
fi
"${PYTHON:-python3}" -m venv "$SOURCE/venv"
# The versions, by their hashes, that the grader was tested with.
"$SOURCE/venv/bin/python" -m pip install --quiet --require-hashes \
    --requirement "$SOURCE/grader/autograder/ci/requirements.lock"
"$SOURCE/venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation "$SOURCE/grader"
# The sandbox cannot write byte code, so it is written here.
"$SOURCE/venv/bin/python" -m compileall -q "$SOURCE/course/source" || true
chmod -R go-rwx "$SOURCE"
