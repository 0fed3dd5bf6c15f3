"""Boxes and lines of text on a sheet, and how much room a text takes.

No font is asked: whoever opens a drawing has other fonts than we do. A text is given
more room than any usual font needs, and wrapped where that is not enough.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

FROM_THE_RIGHT, END = "\u2067", "\u2069"
LINE = 1.3  # from one line of a text to the next, in sizes of its letters


@dataclass(frozen=True)
class Box:
    """A rectangle; told is what is read aloud and shown when it is pointed at."""

    x: float
    y: float
    width: float
    height: float
    fill: str = "none"
    told: str = ""


@dataclass(frozen=True)
class Words:
    """One line of text. x is where it starts, or its middle."""

    x: float
    y: float
    text: str
    size: float = 12
    weight: int = 400
    anchor: str = "start"
    ink: str = "#17211f"
    turned: int = 0  # by how many degrees

    @property
    def turn(self) -> str:
        """The rotation around its own beginning, as SVG says it."""
        return f"rotate({self.turned} {self.x:g} {self.y:g})"


@dataclass
class Sheet:
    """A drawing that grows downwards; from the right where one reads so."""

    width: float
    is_rtl: bool = False
    height: float = 0
    boxes: list[Box] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)

    def box(self, box: Box) -> None:
        """Draw a box."""
        if self.is_rtl:
            box = replace(box, x=self.width - box.x - box.width)
        self.boxes.append(box)

    def write(self, x: float, y: float, lines: list[str], **look) -> None:
        """Lines of text, the first of which stands on y."""
        size, look = look.get("size", Words.size), self.sided(look)
        for n, line in enumerate(filter(None, lines)):
            at = round(y + n * size * LINE, 1)
            self.words.append(Words(self.across(x), at, self.read(line), **look))

    def write_up(self, x: float, y: float, lines: list[str], **look) -> None:
        """Lines that run upwards from y, the first of which stands on x."""
        size, look = look.get("size", Words.size), self.sided(look)
        look["turned"] = 90 if self.is_rtl else -90
        for n, line in enumerate(lines):
            at = round(self.across(x + n * size * LINE), 1)
            self.words.append(Words(at, y, self.read(line), **look))

    # Not every program that draws knows an attribute for the direction of a text: so
    # the text says itself how to be read, and is hung up by its end.

    def sided(self, look: dict) -> dict:
        """How a text looks that may have to be hung up by its end."""
        starts = look.get("anchor", "start") == "start"
        return look | {"anchor": "end"} if starts and self.is_rtl else look

    def read(self, line: str) -> str:
        """A text that says itself how to be read."""
        return f"{FROM_THE_RIGHT}{line}{END}" if self.is_rtl else line

    def across(self, x: float) -> float:
        """A place as seen from the side on which reading begins."""
        return round(self.width - x if self.is_rtl else x, 1)


def wrapped(text: str, size: float, width: float) -> list[str]:
    """A text in lines that fit into a width, broken inside a word if need be."""
    lines = [""]
    for word in pieces(text, size, width):
        longer = f"{lines[-1]} {word}".strip()
        if length(longer, size) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def pieces(text: str, size: float, width: float) -> Iterator[str]:
    """The words of a text; one that is too long for a line in several pieces."""
    for word in text.split():
        piece = ""
        for letter in letters(word):
            if piece and length(piece + letter, size) > width:
                yield piece
                piece = ""
            piece += letter
        yield piece


def letters(word: str) -> Iterator[str]:
    """Each letter of a word with the marks that belong to it."""
    whole = ""
    for letter in word:
        if whole and not unicodedata.category(letter).startswith("M"):
            yield whole
            whole = ""
        whole += letter
    yield whole


def length(text: str, size: float) -> float:
    """The room that a line of text takes at most."""
    return size * sum(map(breadth, text))


def breadth(letter: str) -> float:
    """The room that a letter takes at most, in sizes of its font."""
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    if unicodedata.east_asian_width(letter) in ("W", "F"):
        return 1.05
    if letter in " .,:;’'|()[]il":
        return 0.42
    if letter.isascii():
        return 0.92 if letter in "MW@%mw" else 0.72 if letter.isupper() else 0.64
    if "\u1000" <= letter <= "\u109f":  # Burmese letters are broad
        return 1.3
    return 0.85
