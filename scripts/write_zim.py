"""Write a folder of pages as a ZIM archive, for Kiwix:

    python scripts/write_zim.py FOLDER FILE.zim LANGUAGE DAY

A program of its own: libzim is under the GPL, and nothing else here uses it.
"""

import sys
from io import BytesIO
from pathlib import Path

from libzim.writer import Creator, Hint, Item, StringProvider
from PIL import Image

KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
THREE = {"ar": "ara", "en": "eng", "es": "spa", "fr": "fra", "hy": "hye", "my": "mya"}
THREE |= {"ne": "nep", "sr": "srp", "tr": "tur", "ur": "urd"}


class File(Item):
    """One file of the folder."""

    def __init__(self, path: Path):
        super().__init__()
        self.file = path

    def get_path(self):
        return self.file.name

    def get_title(self):
        head = self.file.read_text(encoding="utf-8").partition("<title>")[2]
        return head.partition("</title>")[0] or self.file.name

    def get_mimetype(self):
        return KINDS[self.file.suffix]

    def get_contentprovider(self):
        return StringProvider(self.file.read_text(encoding="utf-8"))

    def get_hints(self):
        return {Hint.FRONT_ARTICLE: self.file.suffix == ".html"}


def picture() -> bytes:
    """The square that a shelf of archives shows: one colour."""
    data = BytesIO()
    Image.new("RGBA", (48, 48), "#0a5a52").save(data, "PNG")
    return data.getvalue()


def main(folder: str, target: str, language: str, day: str) -> None:
    creator = Creator(target).config_indexing(False, "")
    with creator.set_mainpath("index.html"):
        for path in sorted(Path(folder).iterdir()):
            creator.add_item(File(path))
        creator.add_illustration(48, picture())
        for name, value in {
            "Name": "reading",
            "Title": "Reading",
            "Description": "Pages to read without a network",
            "Creator": "Resistance and response",
            "Publisher": "Resistance and response",
            "Language": THREE.get(language, "mul"),
            "Date": day,
        }.items():
            creator.add_metadata(name, value)


if __name__ == "__main__":
    main(*sys.argv[1:])
