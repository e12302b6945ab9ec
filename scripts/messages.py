"""The words of the interface in other languages: gather what is new, compile, and check that nothing is missing.

`make messages` writes locale/*/LC_MESSAGES/django.po and .mo; what is left to translate is told. With --check
nothing is written, and it fails when a language that people can choose lacks a word. Wants GNU gettext.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

import django
import polib
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands import makemessages

ROOT: Final = Path(__file__).resolve().parents[1]
# Not "docs", which is a part of the API too; there is no code in the other one.
IGNORED: Final = [".venv", "tests", "var", "node_modules", "scripts"]
KEPT: Final = ("Language", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Plural-Forms")
PLACES: Final = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def main(arguments: list[str]) -> int:
    if shutil.which("xgettext") is None:
        print("GNU gettext is missing (on Debian and Ubuntu: apt-get install gettext).")
        return 1
    if "--check" not in arguments:
        gather(ROOT)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        # Django writes beside the sources that it reads.
        copy = Path(folder) / "hub"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*IGNORED, ".*", "__pycache__"))
        gather(copy)
        faults = [fault for language in languages() for fault in find_faults(copy, language)]
    faults += [
        f"{language}: the compiled file is not made of the text; run `make messages`."
        for language in languages()
        if not is_compiled(language)
    ]
    print("\n".join(faults))
    return 1 if faults else 0


class Gathering(makemessages.Command):
    """Django's own, which also knows the short name that modules give to ``gettext_lazy``."""

    xgettext_options: list[str] = [*makemessages.Command.xgettext_options, "--keyword=lazy"]


def languages() -> list[str]:
    """Return the languages that people can choose, besides the one that the texts are written in."""
    return [code for code, _name in settings.LANGUAGES if code != "en"]


def gather(root: Path) -> None:
    """Bring the texts of every language of the hub in `root` up to date, and compile them."""
    os.chdir(root)
    settings.LOCALE_PATHS = [str(root / "locale")]
    call_command(
        Gathering(), locale=languages(), no_location=True, no_obsolete=True, ignore_patterns=IGNORED, verbosity=0
    )
    for language in languages():
        path = text_of(root, language)
        text = polib.pofile(str(path))
        # When and by whom is in the history; here it would only make two branches collide.
        text.metadata = {name: text.metadata[name] for name in KEPT} | {"Language": language}
        text.header = ""
        text.metadata_is_fuzzy = False
        text.save(str(path))
        # From the file, as whoever checks it will read it.
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))
        missing = len(text.untranslated_entries()) + len(text.fuzzy_entries())
        print(f"{language}: {len(text)} texts, {missing} to translate")


def find_faults(root: Path, language: str) -> list[str]:
    """Return what is missing in a language, or names other placeholders than the original."""
    text = polib.pofile(str(text_of(root, language)))
    faults = [f"{language}: not translated: {entry.msgid!r}" for entry in text.untranslated_entries()]
    faults += [f"{language}: to be looked at again: {entry.msgid!r}" for entry in text.fuzzy_entries()]
    for entry in text.translated_entries():
        versions = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        wanted = set(PLACES.findall(entry.msgid_plural or entry.msgid))
        for version in versions:
            if set(PLACES.findall(version)) - set(PLACES.findall(entry.msgid)) - wanted or (
                not entry.msgid_plural and set(PLACES.findall(version)) != wanted
            ):
                faults.append(f"{language}: other placeholders: {entry.msgid!r}: {version!r}")
    return faults


def is_compiled(language: str) -> bool:
    """Return whether the compiled file in the project says the same as its text."""
    path = text_of(ROOT, language)
    compiled = path.with_suffix(".mo")
    if not compiled.is_file():
        return False
    made: bytes = polib.pofile(str(path)).to_binary()
    return made == compiled.read_bytes()


def text_of(root: Path, language: str) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panelhub.settings")
    os.environ["PANELHUB_ENV_FILE"] = os.devnull
    django.setup()
    sys.exit(main(sys.argv[1:]))
