#!/usr/bin/env bash
# Written by `autograder ci prairielearn`. PrairieLearn runs it for each submission.
# Cases: @@CASES@@. Isolation: @@ISOLATION@@; with `auto` and no tier that works, nothing is graded.
set -euo pipefail
GRADE=${AUTOGRADER_GRADE:-/grade}
COURSE=${AUTOGRADER_COURSE:-/course}
status=0
autograder --course "$COURSE" run "$GRADE/student/@@NOTEBOOK@@.ipynb" \
    --cases @@CASES@@ --isolation @@ISOLATION@@ \
    --format "prairielearn=$GRADE/results/results.json" || status=$?
[ "$status" = 3 ] || exit "$status"
