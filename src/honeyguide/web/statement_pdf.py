"""An advocate's statement as a PDF on A4. It is loaded when one is asked for: the library weighs more than a request.

Texts are cells of tables, never markup: what somebody is called prints as it is. The typeface (Bitstream Vera) comes with the
library and is embedded; it knows Latin letters, so what it lacks is printed as ? and said at the foot.
"""

import io
import unicodedata
from collections.abc import Sequence

import reportlab.rl_config
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import LongTable, PageTemplate, Spacer, TableStyle
from reportlab.platypus.doctemplate import BaseDocTemplate
from reportlab.platypus.frames import Frame

from honeyguide.core.money import money_text
from honeyguide.ledger.statements import Statement

reportlab.rl_config.invariant = 1  # the same statement is the same file
_LEFT, _WIDTH = 18 * mm, A4[0] - 36 * mm
_TAX = "Amounts are before any tax you owe on them. This statement is no invoice."
_LACKING = "Letters this file's typeface lacks are printed as ?; the CSV of this statement has them."
_SIZE, _LINE = 8.5, 11.0
for _name, _file in (("Vera", "Vera.ttf"), ("Vera-Bold", "VeraBd.ttf")):
    pdfmetrics.registerFont(TTFont(_name, _file))


class _Texts:
    """Texts in the embedded typeface, and whether any of it had to be left out."""

    def __init__(self) -> None:
        self._known = pdfmetrics.getFont("Vera").face.charToGlyph
        self.lacking = False

    def plain(self, text: str) -> str:
        """The text with what cannot be printed replaced."""
        whole = " ".join(unicodedata.normalize("NFC", text).split())
        made = "".join(c if ord(c) in self._known else "?" for c in whole)
        self.lacking = self.lacking or made != whole
        return made

    def fitting(self, text: str, width: float) -> str:
        """The text broken into lines no wider than `width` points; a long word is broken, too."""
        lines, line = [], ""
        for word in self.plain(text).split(" "):
            longer = f"{line} {word}".strip()
            if pdfmetrics.stringWidth(longer, "Vera", _SIZE) <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            line = ""
            for letter in word:
                if pdfmetrics.stringWidth(line + letter, "Vera", _SIZE) > width:
                    lines.append(line)
                    line = ""
                line += letter
        return "\n".join([*lines, line])


def _cut(text: str, font: str, size: float, width: float) -> str:
    """The text, or as much of its beginning as is no wider than `width` points, and an ellipsis."""
    if pdfmetrics.stringWidth(text, font, size) <= width:
        return text
    while text and pdfmetrics.stringWidth(f"{text}…", font, size) > width:
        text = text[:-1]
    return f"{text}…"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], numbers: int) -> LongTable:
    """A table whose head is repeated on every page; its last `numbers` columns are right-aligned."""
    style = [
        ("FONT", (0, 0), (-1, -1), "Vera", _SIZE, _LINE), ("FONT", (0, 0), (-1, 0), "Vera-Bold", _SIZE, _LINE),
        ("ALIGN", (-numbers, 0), (-1, -1), "RIGHT"), ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.HexColor("#333333")),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, colors.HexColor("#dddddd")),
        ("LEFTPADDING", (0, 0), (0, -1), 0), ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
    ]  # fmt: skip
    return LongTable([head, *rows], colWidths=list(widths), repeatRows=1, splitInRow=1, style=TableStyle(style))


def statement_pdf(one: Statement, company: str) -> bytes:
    """The month as a PDF: balances, then every line; long ones go on over pages with the head repeated."""
    texts = _Texts()
    share = [f * _WIDTH for f in (0.13, 0.17, 0.40, 0.15, 0.15)]
    sums = [
        [b.currency, *(money_text(m, b.currency) for m in (b.opening_minor, b.earned_minor, b.paid_minor, b.closing_minor))]
        for b in one.balances
    ]  # fmt: skip
    lines = [
        [f"{x.at:%d %b %Y}", texts.fitting(x.what, share[1] - 12), texts.fitting(x.memo, share[2] - 12),
         money_text(x.change_minor, x.currency), money_text(x.paid_minor, x.currency) if x.paid_minor else ""]
        for x in one.lines
    ]  # fmt: skip
    if not lines:
        lines = [["", "Nothing happened in this month.", "", "", ""]]
    host, of = texts.plain(company), f": statement of {one.month}"
    title = _cut(host, "Vera-Bold", 13, _WIDTH - pdfmetrics.stringWidth(of, "Vera-Bold", 13)) + of
    name = texts.plain(one.name)
    foot = f"{_TAX} {_LACKING}" if texts.lacking else _TAX
    out = io.BytesIO()
    document = BaseDocTemplate(out, pagesize=A4, title=title, author=host, subject=name)
    frame = Frame(_LEFT, 22 * mm, _WIDTH, A4[1] - 62 * mm, 0, 0, 0, 0)
    document.addPageTemplates(
        PageTemplate("page", [frame], onPage=lambda canvas, page: _around(canvas, page.page, title, name, foot))
    )
    document.build([
        _table(("Currency", "Opening balance", "Earned", "Paid", "Closing balance"), sums, [_WIDTH / 5] * 5, 4), Spacer(0, 8 * mm),
        _table(("Date", "What", "For", "Change", "Paid"), lines, share, 2),
    ])  # fmt: skip
    return out.getvalue()


def _around(canvas: Canvas, number: int, title: str, name: str, foot: str) -> None:
    """What every page says: whose statement it is, and which page."""
    canvas.setFont("Vera-Bold", 13)
    canvas.drawString(_LEFT, A4[1] - 24 * mm, title)
    canvas.setFont("Vera", 10)
    canvas.drawString(_LEFT, A4[1] - 31 * mm, _cut(name, "Vera", 10, _WIDTH))
    canvas.setFont("Vera", 7)
    canvas.setFillColor(colors.HexColor("#555555"))
    canvas.drawString(_LEFT, 14 * mm, foot)
    canvas.drawRightString(_LEFT + _WIDTH, 14 * mm, f"Page {number}")
    canvas.setFillColor(colors.black)
