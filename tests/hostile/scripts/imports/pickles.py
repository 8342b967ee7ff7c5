"""Unpickles calls of system, open and the grader's classes, and loads pickled arrays."""
import io
import marshal
import pickle
import shelve

import numpy as np


class Call:
    def __init__(self, function, *args):
        self.made = function, args

    def __reduce__(self):
        return self.made


import os

attempt("pickle of os.system", lambda: pickle.loads(pickle.dumps(Call(os.execv, "/bin/sh", ["sh"]))))
attempt("pickle of open", lambda: pickle.loads(pickle.dumps(Call(open, TARGETS["seed_file"]))).read())
attempt("numpy object load", lambda: np.load(io.BytesIO(pickle.dumps(Call(open, TARGETS["sibling"]))), allow_pickle=True))
attempt("shelve", lambda: shelve.open("/tmp/shelf"))
attempt("marshal", lambda: exec(marshal.loads(marshal.dumps(compile(f"open({TARGETS['home_file']!r}).read()", "m", "exec")))))
