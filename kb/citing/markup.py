"""What a page says of how it is cited: to programs in its head, to readers in a box.

Written without a template, like the cards: it stands on every list.
"""

import json
from html import escape

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from kb.citing.entries import Entry
from sources import formats, styles
from sources.works import Work

as_json = json.JSONEncoder(ensure_ascii=False).encode  # dumps() makes one each time
SIZE = 132  # of the code to scan: a telephone reads it from paper


def head(entry: Entry) -> SafeString:
    """What programs that collect references read."""
    work = entry.work
    tags = [
        ("citation_title", work.title),
        ("DC.title", work.title),
        # The comma says that it is no person, of first and last name.
        *(("citation_author", f"{name},") for name in work.authors),
        *(("DC.creator", name) for name in work.authors),
        ("citation_date", work.date),
        ("DC.date", work.date),
        ("citation_publisher", work.house),
        ("DC.publisher", work.house),
        ("citation_public_url", work.address or entry.link),
        ("DC.identifier", entry.link),
        ("citation_language", work.language),
        ("DC.language", work.language),
        ("DC.type", work.shape.dublin),
        ("DC.rights", work.licence),
        ("z.itemType", work.shape.zotero),
    ]
    lines = [
        '<link rel="schema.DC" href="http://purl.org/dc/elements/1.1/">',
        *(f'<meta name="{name}" content="{escape(v)}">' for name, v in tags if v),
    ]
    if work.container:
        name = escape(work.container)
        lines.append(f'<meta property="og:site_name" content="{name}">')
    return SafeString("\n".join([*lines, linked_data(work)]))


def linked_data(work: Work) -> str:
    """The work for programs that read schema.org: data, which no browser runs."""
    data = {"@context": "https://schema.org", **formats.linked_data(work)}
    text = as_json(data)
    for sign in "<>&":  # inside a script element, these could end it or begin another
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/ld+json">{text}</script>'


def box(entry: Entry) -> SafeString:
    """What readers see: sentences to copy, the link, files, and a code to scan."""
    link, credit = escape(entry.link), ""
    if entry.work.drawn_from:
        credit = _("Whose experience it is and who told of it come first.")
        credit = (
            f'<p class="quiet">{escape(credit)} {escape(_("The wording is ours."))}</p>'
        )
    files = "".join(
        f'<li><a href="{escape(address)}" download>{name}</a></li>'
        for name, address in entry.files
    )
    return SafeString(
        f'<details class="cite">\n<summary>{escape(_("Cite this"))}'
        f'<span class="vh">: {escape(entry.work.title)}</span></summary>\n'
        f"{code(entry)}<dl>\n"
        f'<dt>APA</dt><dd dir="auto">{in_type(styles.apa(entry.work))}</dd>\n'
        f'<dt>Chicago</dt><dd dir="auto">{in_type(styles.chicago(entry.work))}</dd>\n'
        f"<dt>{escape(_('Permanent link'))}</dt>"
        f'<dd><a href="{escape(entry.path)}" dir="ltr">{link}</a></dd>\n</dl>\n'
        f'{credit}<ul class="inline no-print">{files}</ul>\n</details>'
    )


def code(entry: Entry) -> str:
    """The code to scan, fetched when somebody opens the box or prints the page."""
    if not entry.scan:
        return ""
    told = _("Code to scan: {link}").format(link=entry.link)
    return (
        f'<img src="{escape(entry.scan)}" alt="{escape(told)}"'
        f' width="{SIZE}" height="{SIZE}" loading="lazy">\n'
    )


def in_type(sentence: list[str]) -> str:
    """The parts of a sentence, one after the other."""
    return " ".join(
        f"<i>{escape(part)}</i>" if isinstance(part, styles.Title) else escape(part)
        for part in sentence
    )
