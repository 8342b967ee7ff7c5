"""Sets trace, profile and audit hooks that change the guest's locals and stop its errors."""
import sys
import threading


def hook(frame, event, argument):
    if "observed" in frame.f_locals:
        frame.f_locals["failure"] = None
    frame.f_trace_lines = False
    return hook


sys.settrace(hook)
sys.setprofile(lambda *args: None)
threading.settrace(hook)
sys.addaudithook(lambda event, args: None)
frame = sys._getframe()
while frame is not None:
    frame.f_trace = hook
    frame = frame.f_back
