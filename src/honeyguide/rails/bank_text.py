"""Text as banks take it: names in other letters become their nearest Latin ones, anything else becomes a blank. Pure."""

import re
import unicodedata

_LETTERS = {"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "œ": "oe", "Œ": "OE",
            "&": "+", "þ": "th", "ð": "d", "ı": "i"}  # fmt: skip


def sepa_text(text: str, most: int) -> str:
    """The Latin set of the EPC (a-z A-Z 0-9 / - ? : ( ) . , ' + and blanks), neither begun nor ended by a slash."""
    latin = "".join(_LETTERS.get(c, c) for c in text)
    plain = "".join(c for c in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(c))
    flat = " ".join(re.sub(r"[^A-Za-z0-9/\-?:().,'+ ]", " ", plain).split()).replace("//", "/")
    return flat[:most].strip(" /") or "-"


def ach_text(text: str, width: int) -> str:
    """Capitals and digits, padded to a field of a file of fixed width."""
    return re.sub(r"[^A-Z0-9 .,&'-]", " ", sepa_text(text, 200).upper())[:width].ljust(width)
