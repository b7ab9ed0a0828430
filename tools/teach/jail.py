"""Starts a student's kernel with as few rights as the machine allows. Standard library only; knows no notebook.

    python -I jail.py SPEC.json COMMAND...

It is a program of its own, since the rights that it gives up are never had again. Of the levels

- ``namespaces`` (Linux): an own root folder that holds Python, the libraries and the work folder, and nothing else;
  an own network without any interface; an own process tree, which ends as a whole; the limits; no privileges.
- ``user`` (any POSIX system, as root): the limits, and another user id.
- ``plain``: the limits alone, and on Windows not even those.

the last two add a hook that refuses sockets and the folders in ``hidden``. It stops a call by mistake, not an attack.
"""

import contextlib
import ctypes
import json
import os
import runpy
import shutil
import signal
import sys

NEWNS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x00020000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1,
    2,
    4,
    32,
    4096,
    16384,
    1 << 18,
)
# What a bind mount may already be, in statvfs's numbers and mount's: a remount must not drop them.
KEPT_FLAGS = {2: 2, 4: 4, 8: 8, 1024: 1024, 2048: 2048, 4096: 1 << 21}
DEVICES = ("null", "zero", "full", "random", "urandom")
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38


def libc(name, *arguments):
    """Call a function of the C library, and raise OSError where it fails."""
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def mount(source, target, kind, flags, options=""):
    """Mount as mount(2) does."""
    libc(
        "mount",
        source.encode(),
        target.encode(),
        kind.encode(),
        ctypes.c_ulong(flags),
        options.encode(),
    )


def bind(source, target, writable=False):
    """Show the file or folder ``source`` at ``target`` too, read-only unless ``writable``."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.exists(target):
        open(target, "w").close()
    mount(source, target, "", MS_BIND | MS_REC)
    if not writable:
        found = os.statvfs(target).f_flag
        kept = sum(mount_flag for stat_flag, mount_flag in KEPT_FLAGS.items() if found & stat_flag)
        mount("", target, "", MS_BIND | MS_REMOUNT | MS_RDONLY | kept)


def separate():
    """Leave the machine's network, processes and mounts; as nobody in particular where the caller is not root."""
    uid, gid = os.getuid(), os.getgid()
    flags = NEWNS | NEWIPC | NEWPID | NEWNET
    libc("unshare", flags | (0 if uid == 0 else NEWUSER))
    if uid:
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{uid} {uid} 1"),
            ("gid_map", f"{gid} {gid} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)


def furnish(spec):
    """Build the new root folder on ``spec["stage"]`` and enter it. Runs as the first process of the new tree."""
    stage = spec["stage"]
    mount("none", "/", "", MS_REC | MS_PRIVATE)
    mount("tmpfs", stage, "tmpfs", MS_NOSUID | MS_NODEV, "size=4m,mode=755")
    # Before what is read, which may lie below /tmp itself: a later mount would hide it.
    for path in ("/tmp", "/dev/shm", spec["work"]):
        os.makedirs(stage + path, exist_ok=True)
        mount(
            "tmpfs", stage + path, "tmpfs", MS_NOSUID | MS_NODEV, f"size={spec['disk']},mode=1777"
        )
    for path in spec["readable"]:
        if os.path.islink(path):
            os.makedirs(os.path.dirname(stage + path), exist_ok=True)
            os.symlink(os.readlink(path), stage + path)
        elif os.path.exists(path):
            bind(path, stage + path)
    for name in DEVICES:
        bind(f"/dev/{name}", f"{stage}/dev/{name}", writable=True)
    os.makedirs(stage + "/proc", exist_ok=True)
    mount("proc", stage + "/proc", "proc", MS_NOSUID | MS_NODEV)
    bind(spec["sockets"], stage + spec["sockets"], writable=True)
    shutil.copytree(spec["files"], stage + spec["work"], dirs_exist_ok=True)
    mount("", stage, "", MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, "size=4m,mode=755")
    os.chroot(stage)
    os.chdir(spec["work"])


def limit(limits):
    """Set what one process may use. A limit that the system lacks or refuses is left out."""
    import resource

    for name, value in limits.items():
        number = getattr(resource, name, None)
        if number is not None:
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(number, (value, value))


def drop(spec):
    """Give up the user, its groups, and the right ever to gain any."""
    if spec["uid"] is not None and os.getuid() == 0:
        os.setgroups([])
        os.setgid(spec["uid"])
        os.setuid(spec["uid"])
    if sys.platform == "linux":
        libc("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc("prctl", PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def refuse(hidden):
    """Make this interpreter refuse sockets, except those between its own threads, and files below ``hidden``."""
    hidden = tuple(os.path.realpath(path) for path in hidden)

    def hook(event, arguments):
        if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"):
            raise PermissionError("This notebook is marked without a network.")
        if event == "open" and isinstance(arguments[0], str):
            path = os.path.realpath(arguments[0])
            if any(path == folder or path.startswith(folder + os.sep) for folder in hidden):
                raise PermissionError(f"{path} is not part of this submission.")

    sys.addaudithook(hook)


def main():
    """Do what the spec says, then become the command."""
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = json.load(file)
    command = sys.argv[2:]
    if spec["level"] == "namespaces":
        libc("prctl", PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        separate()
        child = os.fork()
        if child:
            _, status = os.waitpid(child, 0)
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
        furnish(spec)
    else:
        os.chdir(spec["work"])
    os.umask(0o077)
    if os.name == "posix":
        limit(spec["limits"])
        drop(spec)
    if spec["level"] == "namespaces":
        os.execve(command[0], command, spec["env"])
    os.environ.clear()
    os.environ.update(spec["env"])
    sys.path.insert(0, "")
    refuse(spec["hidden"])
    sys.argv = command[2:]
    runpy.run_module(command[2], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
