"""A postcard's artwork: two pages of 6 × 4 inches with a headline and lines of text, as PDF 1.4.

Owns the file format and nothing of what is printed. Only what a printer's intake needs is written: a page tree, one
of the fonts that every reader has, and a cross-reference table (ISO 32000-1, section 7.5).
"""

from __future__ import annotations

from dataclasses import dataclass

POINTS_PER_INCH = 72
WIDTH, HEIGHT = 6 * POINTS_PER_INCH, 4 * POINTS_PER_INCH
MARGIN = POINTS_PER_INCH // 2
HEADLINE_SIZE, LINE_SIZE = 26, 13

CATALOG, PAGES, FONT, FIRST_PAGE = 1, 2, 3, 4


@dataclass(frozen=True)
class Side:
    """One side of the card: a headline, lines below it, and the ground's colour (red, green, blue; 0 to 1)."""

    headline: str
    lines: tuple[str, ...] = ()
    ground: tuple[float, float, float] = (1.0, 1.0, 1.0)


def postcard(front: Side, back: Side) -> bytes:
    """The PDF of a card. The same sides are the same bytes: the file carries no time and no random id."""
    sides = (front, back)
    places = [FIRST_PAGE + 2 * number for number in range(len(sides))]
    kids = " ".join(f"{place} 0 R" for place in places)
    objects = [
        f"<< /Type /Catalog /Pages {PAGES} 0 R >>".encode(),
        f"<< /Type /Pages /Kids [{kids}] /Count {len(sides)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for place, side in zip(places, sides):
        drawing = _drawing(side)
        objects.append(
            f"<< /Type /Page /Parent {PAGES} 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] "
            f"/Resources << /Font << /F1 {FONT} 0 R >> >> /Contents {place + 1} 0 R >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing))
    return _file(objects)


def _drawing(side: Side) -> bytes:
    """The content stream: the ground, the headline, the lines."""
    red, green, blue = side.ground
    parts = [f"{red:.2f} {green:.2f} {blue:.2f} rg 0 0 {WIDTH} {HEIGHT} re f".encode(), b"0.10 0.12 0.21 rg"]
    baseline = HEIGHT - MARGIN - HEADLINE_SIZE
    parts.append(_text(side.headline, HEADLINE_SIZE, baseline))
    for line in side.lines:
        baseline -= 2 * LINE_SIZE
        parts.append(_text(line, LINE_SIZE, baseline))
    return b"\n".join(parts)


def _text(text: str, size: int, baseline: int) -> bytes:
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").encode("cp1252", "replace")
    return b"BT /F1 %d Tf %d %d Td (%s) Tj ET" % (size, MARGIN, baseline, escaped)


def _file(objects: list[bytes]) -> bytes:
    """Numbers the objects from 1 and writes where each begins."""
    # four bytes above 127 after the header tell transports that the file is not text
    content = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        content += b"%010d 00000 n \n" % offset
    content += b"trailer\n<< /Size %d /Root %d 0 R >>\n" % (len(objects) + 1, CATALOG)
    content += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(content)
