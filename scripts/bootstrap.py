"""Makes PanelHub's environment when it is missing or out of date, then runs a command in it.

    python3 scripts/bootstrap.py [--dev] -- manage.py run

Needs nothing but Python, of any version: what stands in the way is said in one sentence. So no annotations, no
f-strings and nothing newer than Python 3.4 here.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

OLDEST = (3, 11)
TRIED = ("python3.13", "python3.12", "python3.11", "python3.14")
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
LOCKS = {"run": ("requirements.txt",), "dev": ("requirements.txt", "requirements-dev.txt")}


def main(arguments):
    needs = "run"
    if arguments[:1] == ["--dev"]:
        needs, arguments = "dev", arguments[1:]
    if arguments[:1] == ["--"]:
        arguments = arguments[1:]
    insist_on_version()
    if not is_made(needs):
        make_environment(needs)
    if arguments:
        sys.stdout.flush()
        os.chdir(ROOT)
        # Else each of the processes that it starts would compile all modules again.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.execv(PYTHON, [PYTHON] + arguments)


def insist_on_version():
    """Go on with a newer Python when this one is too old and another is at hand."""
    if sys.version_info >= OLDEST:
        return
    for name in TRIED:
        path = shutil.which(name)
        if path:
            os.execv(path, [path, os.path.abspath(__file__)] + sys.argv[1:])
    stop(
        "PanelHub needs Python %d.%d or newer, and this is %d.%d; install a newer one and name it: "
        "make PYTHON=/path/to/python3 run" % (OLDEST + sys.version_info[:2])
    )


def is_made(needs):
    """Whether the environment has what the locks name today. The larger one serves for the smaller one's needs."""
    return any(read_stamp(kind) == hash_locks(kind) for kind in {needs, "dev"}) and works()


def works():
    """Whether the environment's Python still starts: it does not when the folder was moved or Python removed."""
    try:
        return subprocess.call([PYTHON, "-c", ""], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def make_environment(needs):
    insist_on_folder()
    with hold_lock():
        if is_made(needs):  # someone else was faster
            return
        say("Making PanelHub's environment in %s (once; this takes a minute) ..." % VENV)
        if not works():
            make_venv()
        for lock in LOCKS[needs]:
            install(lock)
        write_stamp(needs)


def insist_on_folder():
    try:
        with tempfile.TemporaryFile(dir=ROOT):
            pass
    except OSError as error:
        stop(
            "The folder %s cannot be written (%s); PanelHub makes its environment there, in .venv: "
            "copy the folder to a place of your own." % (ROOT, error.strerror)
        )


def make_venv():
    try:
        import ensurepip  # noqa: F401 - Debian leaves it out of its python3 package
        import venv
    except ImportError:
        stop(
            "This Python (%s) cannot make virtual environments; install the part that can "
            "(on Debian and Ubuntu: apt-get install python3-venv)." % sys.executable
        )
    try:
        venv.create(VENV, clear=True, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        stop("The environment %s could not be made: %s" % (VENV, error))


def install(lock):
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--require-hashes", "-r", os.path.join(ROOT, lock)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    lines = process.communicate()[0].splitlines()
    if process.returncode:
        errors = [line for line in lines if line.startswith("ERROR")] or lines[-1:] or ["nothing"]
        stop(
            "The packages of %s could not be installed; is the network reachable from here? pip said: %s"
            % (lock, errors[-1].replace("ERROR: ", ""))
        )


def hash_locks(kind):
    digest = hashlib.sha256(("%s %s" % (kind, sys.version_info[:2])).encode())
    for lock in LOCKS[kind]:
        with open(os.path.join(ROOT, lock), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def read_stamp(kind):
    try:
        with open(os.path.join(VENV, ".made-for-" + kind)) as file:
            return file.read()
    except OSError:
        return ""


def write_stamp(kind):
    # Written last: an installation that was interrupted is done again.
    with open(os.path.join(VENV, ".made-for-" + kind), "w") as file:
        file.write(hash_locks(kind))


@contextlib.contextmanager
def hold_lock():
    """Let one process at a time make the environment."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with open(os.path.join(ROOT, ".venv.lock"), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def say(text):
    print(text)
    sys.stdout.flush()


def stop(text):
    sys.exit(text)


if __name__ == "__main__":
    main(sys.argv[1:])
