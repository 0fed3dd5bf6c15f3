"""What a feed says: entries, the newest first, under a title and a lasting name.

It holds nothing that depends on when it is asked for: the same content is the same
bytes, so whoever has them is told that nothing is new.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import get_language

from cases.models import Case
from kb.exports.about import LICENCE, SITE, absolute
from kb.pages.changes import Told

START = datetime(1970, 1, 1, tzinfo=UTC)  # of a feed in which nothing stands yet


@dataclass(frozen=True)
class Entry:
    """One thing to tell. name: its lasting name, an address that never changes."""

    name: str
    address: str
    title: str
    text: str
    at: datetime
    since: datetime | None = None


class Feed(Atom1Feed):
    """Atom as RFC 4287 has it."""

    def latest_post_date(self) -> datetime:
        """When something was last told; never the time of asking."""
        return max((item["updateddate"] for item in self.items), default=START)


def feed(title: str, page: str, address: str, text: str, entries: Iterable[Entry]):
    """A feed as text. page shows the same to people; address is its own."""
    made = Feed(
        title=shown(title),
        link=absolute(page),
        description=None,
        subtitle=shown(text),
        language=get_language(),
        author_name=str(SITE),
        feed_url=absolute(address),
        feed_guid=absolute(address),
        feed_copyright=str(LICENCE),
    )
    for entry in entries:
        made.add_item(
            title=shown(entry.title),
            link=absolute(entry.address),
            description=escape(shown(entry.text)),
            unique_id=absolute(entry.name),
            pubdate=entry.since,
            updateddate=entry.at,
        )
    return made.writeString("utf-8")


def shown(text: str) -> str:
    """A text without the characters that XML refuses."""
    return "".join(c if c.isprintable() else " " for c in str(text)).strip()


def of_case(case: Case) -> Entry:
    """A case, as new as its newest text."""
    checked = datetime.combine(case.last_checked, time.min, UTC)
    dates = case.last_published_at, case.first_published_at
    address = case.get_absolute_url()
    return Entry(
        name=address,
        address=address,
        title=case.title,
        text=case.snapshot,
        at=max(filter(None, dates), default=checked),  # the first is set a little later
        since=case.first_published_at,
    )


def of_change(change: Told, page: str) -> Entry:
    """A change; what is not public now leads to the page of all changes."""
    record = change.record
    return Entry(
        name=f"{page}#{change.number}",
        address=record.get_absolute_url() if record else page,
        title=f"{change.what}: {record}" if record else str(change.what),
        text=change.words,
        at=change.at,
    )
