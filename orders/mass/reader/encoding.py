"""Makes text of an uploaded file's bytes, or says that it is none."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext as _

from orders.mass.reader.lines import Unreadable

ENCODINGS: Final = (
    "utf-8", "utf-16", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258",
    "cp874", "koi8-r", "cp866", "iso8859-2", "gb18030", "big5", "shift_jis", "euc_kr",
)  # fmt: skip
# Whose letters the guess knows: the code page that a spreadsheet of such a machine writes, and the letters beyond
# ASCII of one language, the commonest first. Where two fit alike, the earlier one is taken.
_LANGUAGES: Final = (
    ("fr", "cp1252", "éèàêçùôîâûëïœæüÿ"),
    ("de", "cp1252", "üäöß"),
    ("es", "cp1252", "óíáéñúü¿¡"),
    ("pt", "cp1252", "ãçáéóíêõúâôà"),
    ("it", "cp1252", "èàùòìé"),
    ("sv", "cp1252", "äåöéøæ"),
    ("tr", "cp1254", "ıişğüçöâîû"),
    ("pl", "cp1250", "łąężćóśńź"),
    ("cs", "cp1250", "íáéýřěčžšůúťňďó"),
    ("hu", "cp1250", "áéőöóüíúű"),
    ("ro", "cp1250", "ăîâşţ"),
    ("hr", "cp1250", "čšžćđ"),
    ("sk", "cp1250", "áíčéžýšúťľňôäďóĺŕ"),
    ("ru", "cp1251", "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"),
    ("uk", "cp1251", "оанитіревскмлдпуяьзбгчхжшйїцюєщґф"),
    ("bg", "cp1251", "аоиетнрсвлкдпмзгъбуячцщжхфшюйь"),
    ("ru", "koi8-r", "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"),
    ("el", "cp1253", "αοιετσνηυρπκμλςάέίόωγθδήχύφβώξζψϊΐ"),
    ("he", "cp1255", "יוהלארתבשמנםעדחקפגןטצכסזךףץ"),
    ("ar", "cp1256", "اليمنرتوبةعدسفهكحقجشطصأخىضزءثئذغإظؤآ"),
    ("fa", "cp1256", "اینردهومتبشسلکزفگقخعحپجچصآطغثضظئژ"),
    ("th", "cp874", "านรอกเงมยลวดทสตะปบคหแจพชขใไโผซศธภถฟญณฉษ็่้๊๋์ิีึืุูัำ"),
    ("vi", "cp1258", "đàáạảãăâêôơưèéẹẻẽìíịỉĩòóọỏõùúụủũ\u0300\u0301\u0303\u0309\u0323"),
    ("lt", "cp1257", "ėšųžįčąūę"),
    ("lv", "cp1257", "āīēšūņķļžčģ"),
)
_LATIN: Final = frozenset({"cp1250", "cp1252", "cp1254", "cp1257", "cp1258"})
# Nearly every word of these has such letters: a few alone are more likely those of another language.
_DENSE: Final = {"cp1258": 0.7}
# Quotation marks, dashes and the like stand between words of any language.
_MARKS: Final = frozenset("„“”‘’‚–—…•€£™©®«»№°\u00a0")
# Text holds none of these; a picture, an archive or UTF-32 does within its first bytes.
_NOT_TEXT: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_LOOKED_AT: Final = 4_000
_WEIGHED: Final = 20_000
_STRANGE: Final = -2.0
_SAMPLE: Final = 60
_BEYOND: Final = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, and the code page when that had to be guessed."""

    text: str
    guessed: str = ""

    @property
    def notice(self) -> str:
        """What to say to whoever sent the file, with a sample of how it reads; "" when nothing was guessed."""
        if not self.guessed:
            return ""
        return _(
            "The file isn’t UTF-8. We read it as %(page)s, for example “%(sample)s”. Affected lines "
            "are marked. If they look wrong, choose the encoding and upload again, or save it as "
            "“CSV UTF-8”."
        ) % {"page": title_of(self.guessed), "sample": self.sample}

    @property
    def sample(self) -> str:
        """The words with the first letters beyond ASCII, as they were read."""
        found = _BEYOND.search(self.text)
        if found is None:
            return ""
        start = max(self.text.rfind(mark, 0, found.start()) for mark in "\n;,|\t") + 1
        return " ".join(self.text[start : start + 2 * _SAMPLE].splitlines()[0].strip(' "').split())[:_SAMPLE]


def title_of(encoding: str) -> str:
    """Return an encoding as people know it."""
    return encoding.replace("cp", "Windows-") if encoding.startswith(("cp12", "cp874")) else encoding.upper()


def is_text(text: str) -> bool:
    """Return whether a text holds nothing that no line of an order has."""
    return _NOT_TEXT.search(text) is None


def decode(content: bytes, *, language: str = "", encoding: str = "") -> Decoded:
    """Return the text of a file; raises :class:`Unreadable`.

    ``encoding`` is what a person chose, one of :data:`ENCODINGS`. Without one Unicode is tried, then the code page
    whose language the letters look like, that of the reader's ``language`` first: a guess, and said to be one.
    """
    chosen = encoding if encoding in ENCODINGS else ""
    name = chosen or _unicode_of(content)
    text = _try(content, name)
    if text is not None:
        return Decoded(text)
    page = "" if chosen or name != "utf-8" else _guess(content, language.partition("-")[0])
    text = _try(content, page) if page else None
    if text is None:
        raise Unreadable(
            _("We can’t read this file as UTF-8, UTF-16 or %(page)s. Choose its encoding, or save it as “CSV UTF-8”.")
            % {"page": title_of(chosen or page or "cp1252")}
        )
    return Decoded(text, page)


def _guess(content: bytes, language: str) -> str:
    """Return the code page in which the letters beyond ASCII look most like those of one language; "" when in none."""
    best, page = 0.0, ""
    for spoken, encoding, _letters in _LANGUAGES:
        text = _try(content[:_WEIGHED].rpartition(b"\n")[0] or content[:_WEIGHED], encoding)
        if text is None or _try(content, encoding) is None:
            continue
        weight = _weigh(unicodedata.normalize("NFC", text), spoken, encoding) * _DENSE.get(encoding, 1.0)
        # A reader's own language needs less to be believed.
        weight = weight * 1.5 if spoken == language else weight
        if weight > best:
            best, page = weight, encoding
    return page


@lru_cache(maxsize=64)
def _weights(spoken: str, encoding: str) -> dict[str, float]:
    letters = next(letters for language, page, letters in _LANGUAGES if (language, page) == (spoken, encoding))
    found: dict[str, float] = {}
    for place, letter in enumerate(letters):
        weight = 1.0 - 0.7 * place / len(letters)
        for form in {letter, letter.upper()} if len(letter.upper()) == 1 else {letter}:
            found[form] = weight
    return found


def _weigh(text: str, spoken: str, encoding: str) -> float:
    """Return how much the letters beyond ASCII look like a language; strange ones and odd capitals weigh against it."""
    weights = _weights(spoken, encoding)
    total = 0.0
    before = " "
    is_latin = encoding in _LATIN
    for mark in text:
        if mark > "\x7f":
            if mark in weights:
                total += weights[mark]
            elif mark in _MARKS:
                # Between words it says nothing; within one it is a letter that was misread.
                total += _STRANGE if before.isalpha() and mark not in "’‘“”–—…»" else 0.0
            else:
                total += _STRANGE
            if (before.islower() and mark.isupper()) or (not is_latin and before.isascii() and before.isalpha()):
                total += _STRANGE
        elif before > "\x7f" and mark.isalpha() and (not is_latin or (mark.isupper() and before.islower())):
            total += _STRANGE
        before = mark
    return total


def _unicode_of(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    # Without a mark: Latin letters in UTF-16 leave every second byte empty.
    head = content[:_LOOKED_AT]
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head[first::2].count(0) > len(head) // 4 > 0:
            return name
    return "utf-8"


def _try(content: bytes, encoding: str) -> str | None:
    try:
        text = content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None
    return text if is_text(text) else None
