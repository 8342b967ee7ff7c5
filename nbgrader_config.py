# ---- autograder: `autograder init` and `autograder release` write these lines
import os
import re
from pathlib import Path

c = get_config()  # noqa: F821 # nbgrader defines it
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = 'autograd'
# nbgrader autograde, NbGraderAPI.autograde and formgrader's button run `autograder grade`.
c.Autograde.exporter_class = "autograder.nbgrader_plugin.exporters.GradedNotebook"
# nbgrader generate_feedback gives the pages of `autograder feedback`.
c.GenerateFeedback.exporter_class = "autograder.nbgrader_plugin.exporters.FeedbackPage"
# The gradebook of AUTOGRADER_GRADEBOOK, or of config.yaml where no password stands in it.
_gradebook = os.environ.get('AUTOGRADER_GRADEBOOK') or ''
if _gradebook:
    c.CourseDirectory.db_url = re.sub('^postgres(?:ql)?://', 'postgresql+psycopg://', _gradebook)
# ---- autograder: end; lines of your own go below
