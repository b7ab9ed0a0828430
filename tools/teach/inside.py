"""Prepares a process for a student's kernel, and becomes it. Standard library only.

    python -I inside.py ORDER COMMAND...

ORDER is JSON: `given`, a folder whose files are copied into the working folder, or null; `uid`, the
user to become, or null; `bwrap`, the program that takes the right to make namespaces, or null;
`limits`, by their names in `resource`; `env`, all that the kernel's environment holds.
"""

import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys


def main():
    """Carry out the order and become the command."""
    order, command = json.loads(sys.argv[1]), sys.argv[2:]
    os.umask(0o077)
    if order["uid"] is not None:
        os.setgroups([])
        os.setgid(order["uid"])
        os.setuid(order["uid"])
    for name in os.listdir(order["given"]) if order["given"] else ():
        shutil.copyfile(os.path.join(order["given"], name), name)
    if order["bwrap"]:
        # In a namespace of its own a process could mount more memory as a disk. Where this fails,
        # the machine lets no user make namespaces, and nothing has to be taken away.
        last = [order["bwrap"], "--unshare-user", "--disable-userns", "--new-session"]
        last += ["--die-with-parent", "--dev-bind", "/", "/"]
        if not subprocess.run([*last, "/bin/true"], capture_output=True).returncode:
            command = [*last, *command]
    for name, value in order["limits"].items():
        # A limit that the system lacks, or that is already lower, is left as it is.
        with contextlib.suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (value, value))
    os.execve(command[0], command, order["env"])


if __name__ == "__main__":
    main()
