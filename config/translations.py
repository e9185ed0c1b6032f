"""Compile and check the translations without any tool of the machine.

`compile` writes each .mo that is older than its .po. `check` refuses a sentence that is missing,
fuzzy or broken in Finnish or Swedish, and, where gettext is installed, one not yet collected.
`collect` needs gettext. Run as `python -m config.translations <action>`.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("fi", "sv")
PLACEHOLDER = re.compile(r"%\((\w+)\)")
COLLECT = [
    *("makemessages", "--no-wrap", "--add-location", "file", "--no-obsolete"),
    *("--ignore", ".venv", "--ignore", ".local", "--ignore", "tests", "--ignore", "bench"),
    *("--ignore", "node_modules", "--ignore", "payments/sandbox"),
]


def catalogues() -> list[Path]:
    """Every translation file of ours."""
    return sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po"))


def read(path: Path) -> Catalog:
    """One catalogue; the language is the name of its folder."""
    return read_po(io.BytesIO(path.read_bytes()), locale=path.parent.parent.name)


def compile_all() -> None:
    """Write the .mo files that are missing or older than their source. Safe to repeat."""
    for path in catalogues():
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime:
            scratch = compiled.with_suffix(".mo.new")
            with scratch.open("wb") as target:
                write_mo(target, read(path), use_fuzzy=False)
            scratch.rename(compiled)


def is_translated(message: Message) -> bool:
    """Whether every form of a sentence has words, that a person has looked at."""
    forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return all(forms) and not message.fuzzy


def lost_placeholders(message: Message) -> set[str]:
    """Named placeholders that a translation does not use. A plural form may leave one out."""
    if isinstance(message.id, (tuple, list)) or not message.string:
        return set()
    return set(PLACEHOLDER.findall(message.id)) - set(PLACEHOLDER.findall(str(message.string)))


def complaints(path: Path) -> list[str]:
    """What is wrong with one catalogue, a line each."""
    found = []
    catalogue = read(path)
    for message in catalogue:
        if not message.id:
            continue
        if not is_translated(message):
            found.append(f"{path.relative_to(ROOT)}: not translated: {message.id!r}")
        found += [f"{path.relative_to(ROOT)}: {error}: {message.id!r}" for error in message.check()]
        if lost := lost_placeholders(message):
            found.append(f"{path.relative_to(ROOT)}: lost {sorted(lost)}: {message.id!r}")
    return found


def sentences(path: Path) -> set[object]:
    """The source sentences of a catalogue."""
    return {(message.context, str(message.id)) for message in read(path) if message.id}


def not_collected() -> list[str]:
    """Sentences of the code that no catalogue has; nothing where gettext is not installed."""
    if shutil.which("xgettext") is None:
        sys.stdout.write(
            "translations: gettext is not installed; new sentences were not looked for\n"
        )
        return []
    with tempfile.TemporaryDirectory() as keep:
        shutil.copytree(ROOT / "locale", Path(keep) / "locale")
        try:
            collect()
            found = []
            for path in catalogues():
                before = sentences(Path(keep) / path.relative_to(ROOT))
                name = path.relative_to(ROOT)
                found += [f"{name}: run `make messages`: {new}" for new in sentences(path) - before]
        finally:
            shutil.rmtree(ROOT / "locale")
            shutil.copytree(Path(keep) / "locale", ROOT / "locale")
    return found


def collect() -> None:
    """Gather the sentences of code and templates into the catalogues."""
    languages = [part for language in LANGUAGES for part in ("--locale", language)]
    (ROOT / "locale").mkdir(exist_ok=True)
    subprocess.run([sys.executable, ROOT / "manage.py", *COLLECT, *languages], check=True, cwd=ROOT)


def check() -> int:
    """Print each complaint; the exit status says whether there was one."""
    found = [line for path in catalogues() for line in complaints(path)]
    missing = [name for name in LANGUAGES if not (ROOT / "locale" / name).is_dir()]
    found += [f"locale/{name} is missing" for name in missing]
    found += [] if missing else not_collected()
    for line in found:
        sys.stdout.write(f"{line}\n")
    compile_all()
    return 1 if found else 0


def main(action: str) -> int:
    """Do what the Makefile asks for."""
    if action == "check":
        return check()
    {"compile": compile_all, "collect": collect}[action]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
