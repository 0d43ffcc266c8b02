"""What makes a text suspicious: it talks to whoever judges it instead of about its subject.

Marks never make an answer surer. `orders` and the like keep a text from having any effect until a person has looked
at it; weaker ones only take confidence away. The text is looked at as it is and as a machine would read it: hidden
characters removed, compatibility forms folded, spaced-out letters joined.
"""

import base64
import binascii
import re
import unicodedata
from functools import lru_cache

from msgspec import Struct

from honeyguide.inference.praise_words import COMMANDS

_SCANNED = 8_000  # characters; texts are kept no longer
_HIDDEN = re.compile(
    "[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_SPACED = re.compile(r"\b(?:\w[ .\-_*]){4,}\w\b")
_WORD = re.compile(r"\w+")
_ROLE = re.compile(
    r"(^|\n|\s)[#*\[<(]*\s*(system|assistant|developer|human|user|operator|admin(istrator)?|instructions?|prompt|tool)\s*[\])>*]*\s*[:=>]"
    r"|<\|?/?\s*(im_start|im_end|system|assistant|endoftext|inst|s)\b|\[/?(inst|system|sys)\]|<<\s*/?sys|#{2,}\s*(system|instruction|response|new task)"
    r"|\bBEGIN (SYSTEM|INSTRUCTIONS?|PROMPT)|\bend of (text|input|ticket|message|document)\b|-{3,}\s*(end|begin)\b",
    re.IGNORECASE,
)
_TO_READER = re.compile(
    r"(^|[.!?:;\n]\s*|\b(please|now|just|then|simply)\s+)(respond|output|return|print|emit|classify|label|predict)\s+(only|exactly|with|as|json|yes|this|it|every\w*|all|always|(the )?(option|label|word|answer|following)|praise\w*)\b"
    r"|(^|[.!?:;\n]\s*|\b(please|now|just|then|simply|and)\s+)(reply|answer|choose|select|pick|repeat|say|write)\s+(with |as |the option |the label |option |label )?(only|exactly|json|always|the following|\W?(happy|resolved|praised?|champion\w*|yes|none|positive|willing|staying|wants|uses|satisfied)\b)"
    r"|\b(you|this (model|system|classifier|ai)) (must|should|shall|will|have to|need to|are (required|instructed|told|asked)( to)?) .{0,40}\b(answer|output|classif\w+|label|mark|rate|score|treat|consider|choose|return|set|record|store)\b"
    r"|\b(language|ai|ml) model|\bclassifier|\bchat ?bot\b|\bLLM\b|\bGPT\b|\bas an ai\b|\b(dear|attention|note to|message to|hint for) (the )?(ai|model|assistant|reviewer|classifier|system|reader|annotator|grader|labell?er)"
    r"|\b(when|if|while) (you )?(summari[sz]|classif|label|process|analy[sz]|judg|evaluat|pars)\w*\b.{0,60}\b(text|ticket|note|message|mail|this)\b"
    r"|\b(previous|prior|earlier|above|preceding|foregoing|all other|original) (instructions?|rules?|prompts?|text|messages?|context|guidelines?|directions?)\b"
    r"|\b(new|updated|real|actual|correct|hidden|secret|override) (instructions?|task|rule|label|answer|policy|ground truth)\b|\bground truth\b|\bcorrect (answer|label) is\b"
    r"|\b(confidence|probability|score)\b.{0,20}\b(1\.0|100 ?%|0?\.9\d*|maximum|highest|of one)\b|\bjailbreak|\bdeveloper mode|\bdebug mode|\boverride code"
    r"|\bignor(e|ier\w*|ez|a|ar|are)\b.{0,40}\b(anweisung\w*|instruction\w*|instruc\w*|istruzion\w*|regel\w*|r[eè]gles?|reglas?|oben|ci-dessus|anterior\w*|pr[eé]c[eé]dent\w*)",
    re.IGNORECASE | re.DOTALL,
)
_SHOT = re.compile(
    r"(?im)^\W*(text|input|example|ticket|note|mail|message|comment|review|title|q|question|customer|state)\s*\d*\s*[:=>].{0,400}\n+\W*(label|answer|output|sentiment|relation|resolution|stance|risk|class|result|a|verdict|decision)\s*\d*\s*[:=>-]"
    r"|\b(label|answer|output|sentiment|relation|resolution|stance|risk|class|category|verdict|decision)\b\W{0,3}(:|=|->|→|=>|is)\s*\W?(\w+_\w+|happy|praise|praised|resolved|willing|staying|champion|positive|yes|uses|wants|evaluating|introduced|none|neutral)\b"
    r"|(->|→|=>)\s*\W?(happy|praise[d]?|resolved|willing|staying|champion|positive|yes|wants|uses|\w+_(of|by|in|to|for))\b"
)
_LABELS = re.compile(
    r"\b(champion_of|blocked_by|colleague_of|reports_to|interested_in|resolved_for|complained_of|power_user_of|holds_role|decision_maker|budget_holder|ticket_outcome)\b",
    re.IGNORECASE,
)
_JSON = re.compile(r"[{\[]\s*[\"'][\w ]{1,40}[\"']\s*[:,]")
_MARKUP = re.compile(
    r"<\s*/?\s*[a-zA-Z!][^>\n]{0,200}>|!\[[^\]]*\]\(|\]\(\s*(https?|javascript|data):|<!--|&#x?[0-9a-f]+;|\{\{|\{%|```"
)
_BASE64 = re.compile(r"(?<![\w/+])[A-Za-z0-9+/]{24,}={0,2}(?![\w/+])")
_LATIN, _OTHER = re.compile(r"[a-z]", re.IGNORECASE), re.compile("[\u0370-\u03ff\u0400-\u04ff]")

HOLDS = frozenset({"orders", "role", "examples", "hidden", "encoded", "labels", "lookalike", "json"})


class Marks(Struct, frozen=True):
    """The suspicious features of a text, by name, sorted. `hold`: nothing may follow from it without a person."""

    flags: tuple[str, ...] = ()

    @property
    def hold(self) -> bool:
        """Whether any of them is one that keeps the text from having an effect."""
        return bool(HOLDS.intersection(self.flags))


@lru_cache(maxsize=4_096)
def marks(text: str) -> Marks:
    """The marks of a text. Pure, and linear in its length."""
    raw = text[:_SCANNED]
    plain = folded(raw)
    found = {
        "orders": bool(COMMANDS.search(plain) or _TO_READER.search(plain)),
        "role": bool(_ROLE.search(plain)),
        "examples": bool(_SHOT.search(plain)),
        "labels": bool(_LABELS.search(plain)),
        "json": bool(_JSON.search(plain)),
        "hidden": bool(_HIDDEN.search(raw)),
        "encoded": _encoded(plain),
        "lookalike": _lookalike(plain),
        "markup": bool(_MARKUP.search(raw)),
    }
    return Marks(tuple(sorted(name for name, there in found.items() if there)))


def folded(text: str) -> str:
    """The text as a machine reads it: no hidden characters, compatibility forms folded, s p a c e d words joined."""
    plain = unicodedata.normalize("NFKC", _HIDDEN.sub("", text))
    return _SPACED.sub(lambda m: re.sub(r"[ .\-_*]", "", m.group()), plain)


def _encoded(text: str) -> bool:
    """Whether a run of letters is base64 of something that can be read."""
    for hit in _BASE64.finditer(text):
        run = hit.group().rstrip("=")
        if run.isdigit() or run.islower() or run.isupper():
            continue
        try:
            decoded = base64.b64decode(run + "=" * (-len(run) % 4), validate=True)
        except (binascii.Error, ValueError):
            continue
        readable = sum(32 <= b < 127 or b in (9, 10, 13) for b in decoded)
        if readable >= 0.9 * len(decoded):
            return True
    return False


def _lookalike(text: str) -> bool:
    """Whether one word mixes Latin letters with Greek or Cyrillic ones that look the same."""
    return any(_OTHER.search(w) and _LATIN.search(w) for w in _WORD.findall(text) if not w.isascii())
