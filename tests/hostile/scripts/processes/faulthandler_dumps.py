"""Dumps tracebacks of all threads repeatedly to every descriptor, then crashes."""
# base: solution
import faulthandler

for descriptor in range(0, 16):
    try:
        faulthandler.dump_traceback(descriptor)
        faulthandler.enable(descriptor)
        faulthandler.dump_traceback_later(0.05, repeat=False, file=descriptor)
    except (OSError, RuntimeError, ValueError) as error:
        print(error)
faulthandler._sigabrt()
