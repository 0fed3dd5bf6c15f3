"""What RFC 4287 asks of a feed, as far as ours go: a list of what is wrong."""

import re
from urllib.parse import urlsplit
from xml.etree import ElementTree

ATOM = "{http://www.w3.org/2005/Atom}"
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
ONCE = {
    "feed": {"id", "title", "updated"},
    "entry": {"id", "title", "updated"},
    "author": {"name"},
}
AT_MOST_ONCE = {
    "feed": {"subtitle", "rights", "logo", "icon", "generator"},
    "entry": {"summary", "content", "published", "rights", "source"},
    "author": {"uri", "email"},
}
KNOWN = {
    "feed": {"author", "contributor", "category", "link", "entry"},
    "entry": {"author", "contributor", "category", "link"},
    "author": set(),
}
TEXTS = {"title", "subtitle", "summary", "rights"}


def complaints(text):
    """What is wrong with a feed."""
    feed = ElementTree.fromstring(text)  # noqa: S314 — our own
    if feed.tag != f"{ATOM}feed":
        return ["the root is no atom:feed"]
    found = [*of_parts(feed), *of_links(feed)]
    entries = feed.findall(f"{ATOM}entry")
    if not feed.findall(f"{ATOM}author"):
        found += ["no author"] * any(not e.findall(f"{ATOM}author") for e in entries)
    names = [entry.findtext(f"{ATOM}id") for entry in entries]
    if len(set(names)) != len(names):
        found.append("two entries of one name")
    for entry in entries:
        found += [*of_parts(entry), *of_links(entry)]
        if not entry.findall(f"{ATOM}link[@rel='alternate']"):
            found += ["neither content nor an alternate"]
    return found


def of_parts(element):
    """What is wrong with the children of an element and their texts."""
    name = element.tag.removeprefix(ATOM)
    kinds = [child.tag.removeprefix(ATOM) for child in element]
    for kind in ONCE[name]:
        if kinds.count(kind) != 1:
            yield f"{name}: {kinds.count(kind)} times {kind}"
    for kind in AT_MOST_ONCE[name]:
        if kinds.count(kind) > 1:
            yield f"{name}: more than one {kind}"
    for kind in set(kinds) - ONCE[name] - AT_MOST_ONCE[name] - KNOWN[name]:
        yield f"{name}: no {kind} belongs there"
    for child in element:
        kind = child.tag.removeprefix(ATOM)
        if kind in ("updated", "published") and not DATE.fullmatch(child.text or ""):
            yield f"{name}: {kind} is no date: {child.text}"
        if kind == "id" and not urlsplit(child.text or "").scheme:
            yield f"{name}: the id is no address: {child.text}"
        if kind in TEXTS and child.get("type", "text") not in ("text", "html"):
            yield f"{name}: {kind} is of type {child.get('type')}"
        if kind in TEXTS and len(child):
            yield f"{name}: {kind} holds elements"
        if kind == "author":
            yield from of_parts(child)


def of_links(element):
    """What is wrong with the links of an element."""
    links = element.findall(f"{ATOM}link")
    for link in links:
        if not urlsplit(link.get("href", "")).scheme:
            yield f"a link that is not whole: {link.attrib}"
    for kind in ("alternate", "self"):
        of_kind = [link for link in links if link.get("rel", "alternate") == kind]
        if len({(link.get("type"), link.get("hreflang")) for link in of_kind}) != len(
            of_kind
        ):
            yield f"two links of the kind {kind}"
