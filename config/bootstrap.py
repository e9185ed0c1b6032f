"""Set up everything a clone needs: an interpreter, uv, and the locked packages.

Runs on any Python 3 the machine has, with the standard library only. It installs nothing outside
of this folder, and does nothing at all when the lock has not changed since the last time.
"""

import glob
import hashlib
import os
import shutil
import subprocess
import sys
from typing import Iterator, List, NoReturn, Optional, Tuple

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ENVIRONMENT = os.path.join(ROOT, ".venv")
LOCK = os.path.join(ROOT, "requirements-dev.txt")
STAMP = os.path.join(ENVIRONMENT, "kuitti-lock")
UV_HOME = os.path.join(ROOT, ".local", "uv")
LOWEST = (3, 12)
FETCHED = "3.13"
NAMES = ("python3.13", "python3.14", "python3.12", "python3")
LAST_WORDS: List[str] = []
ASK = "import sys; print('%d.%d' % sys.version_info[:2])"


def version_of(python: str) -> Optional[Tuple[int, int]]:
    """Ask an interpreter to run: a shim may exist and lead nowhere."""
    try:
        answer = subprocess.run(
            [python, "-c", ASK],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=20,
            check=True,
        )
        major, minor = answer.stdout.decode().strip().split(".")
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return int(major), int(minor)


def candidates() -> Iterator[str]:
    """Every place where an interpreter may be, the wanted ones first."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            yield found
    pyenv = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    for minor in ("3.13", "3.14", "3.12"):
        for home in sorted(glob.glob(os.path.join(pyenv, "versions", minor + "*")), reverse=True):
            yield os.path.join(home, "bin", "python3")


def find_interpreter() -> Optional[str]:
    """Give the first Python that is new enough, or None."""
    for python in candidates():
        version = version_of(python)
        if version is not None and version >= LOWEST:
            return os.path.realpath(python) if os.path.islink(python) else python
    return None


def run(command: List[str]) -> bool:
    """Run a command and say whether it worked; its output is shown only when it did not."""
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode != 0:
        LAST_WORDS.append(done.stdout.decode(errors="replace").strip())
    return done.returncode == 0


def find_uv(interpreter: Optional[str]) -> Optional[List[str]]:
    """Use the machine's uv, or put a private one beside the project."""
    machines = shutil.which("uv")
    if machines and run([machines, "--version"]):
        return [machines]
    private = os.path.join(UV_HOME, "bin", "uv")
    if not os.path.exists(private):
        print("kuitti: fetching uv", flush=True)
        for python in filter(None, (interpreter, sys.executable)):
            if run([python, "-m", "venv", UV_HOME]) and run(
                [os.path.join(UV_HOME, "bin", "python"), "-m", "pip", "install", "-q", "uv"]
            ):
                break
            # Debian without python3-venv: pip alone can still unpack a wheel.
            shutil.rmtree(UV_HOME, ignore_errors=True)
            if run([python, "-m", "pip", "install", "-q", "--target", UV_HOME, "uv"]):
                break
    return [private] if os.path.exists(private) else None


def fail(sentence: str) -> NoReturn:
    """End with one line for a person; what the tools said goes above it."""
    if LAST_WORDS and os.environ.get("V"):
        print(LAST_WORDS[-1], file=sys.stderr)
    sys.exit("kuitti: " + sentence)


def lock_digest() -> str:
    """Name what must be installed."""
    with open(LOCK, "rb") as lock:
        return hashlib.sha256(lock.read()).hexdigest()


def is_current(digest: str) -> bool:
    """Tell whether the environment already holds exactly this lock and still runs."""
    try:
        with open(STAMP) as stamp:
            return stamp.read() == digest and os.path.exists(
                os.path.join(ENVIRONMENT, "bin", "python")
            )
    except OSError:
        return False


def make_environment(uv: List[str], interpreter: Optional[str]) -> None:
    """Make `.venv`, unless a good one is there. Without an interpreter uv fetches one."""
    python = os.path.join(ENVIRONMENT, "bin", "python")
    version = version_of(python) if os.path.exists(python) else None
    if version is not None and version >= LOWEST:
        return
    wanted = interpreter or FETCHED
    if not run([*uv, "venv", "--clear", "--python", wanted, ENVIRONMENT]):
        fail(
            "no Python 3.12 or newer here, and none could be fetched (offline?)."
            " Install Python 3.13 or go online, then try again; V=1 says more."
        )


def install(uv: List[str]) -> None:
    """Install the lock, hashes checked, and compile it once: starting is twice as fast."""
    print("kuitti: installing the locked packages", flush=True)
    python = os.path.join(ENVIRONMENT, "bin", "python")
    command = [*uv, "pip", "sync", "--require-hashes", "--compile-bytecode", "--python", python]
    if not run([*command, LOCK]):
        fail(
            "the packages could not be installed (offline?)."
            " Go online and try again; V=1 says more."
        )


def main() -> None:
    """Set up what is missing. Safe to repeat."""
    digest = lock_digest()
    if is_current(digest):
        return
    interpreter = find_interpreter()
    uv = find_uv(interpreter)
    if uv is None:
        fail("uv could not be fetched (offline?). Go online and try again; V=1 says more.")
    make_environment(uv, interpreter)
    install(uv)
    with open(STAMP, "w") as stamp:
        stamp.write(digest)


if __name__ == "__main__":
    main()
