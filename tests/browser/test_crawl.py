"""The whole site, every link followed, with scripts on and off."""

from urllib.parse import urldefrag, urlsplit

import pytest

from tests.browser.pages import PAGES

pytestmark = pytest.mark.browser

MOST_QUERIES = 40  # links that differ only in what is picked


def test_nothing_is_broken_foreign_or_remembered(visit, site):
    page = visit(site)
    trouble, requests = [], []
    page.on("console", lambda m: trouble.append((page.url, m.type, m.text)))
    page.on("pageerror", lambda error: trouble.append((page.url, str(error))))
    page.on("request", lambda request: requests.append(request.url))
    queue, seen, queries = [f"{site}/"], set(), 0

    while queue:
        address = queue.pop(0)
        if address in seen:
            continue
        seen.add(address)
        if urlsplit(address).query:
            queries += 1
            if queries > MOST_QUERIES:
                continue
        if is_file(address):
            if page.request.get(address).status != 200:
                trouble.append((address, "no file"))
            continue
        before = len(requests)
        response = page.goto(address)
        if response.status != 200 or page.url != address:
            trouble.append((address, response.status, page.url))
        if not page.locator("h1").count():
            trouble.append((address, "no heading"))
        if len(requests) - before > 4:
            trouble.append((address, "many requests", requests[before:]))
        queue += [
            urldefrag(link)[0]
            for link in links(page)
            if link.startswith(site) and "/leave/" not in link
        ]

    assert trouble == []
    assert {urlsplit(url).netloc for url in requests} == {urlsplit(site).netloc}
    assert page.context.cookies() == []
    assert len(seen) > 120


def test_nothing_is_broken_without_scripts(visit, site):
    page = visit(site, script=False)
    trouble = []
    page.on("console", lambda m: trouble.append((page.url, m.type, m.text)))

    for address, heading in PAGES.items():
        trouble.clear()
        page.goto(site + address)
        assert heading in page.locator("h1").first.inner_text()
        told = [t for t in trouble if "404" not in t[2]]
        assert told == []


def is_file(address):
    """Whether an address is that of a file or of data, which is no page to look at."""
    path = urlsplit(address).path
    answers = path.startswith("/api/") and not path.endswith("/")
    return answers or "." in path.rpartition("/")[2]


def links(page):
    """Every page that a page links to, as the browser reads it; no file to keep."""
    return page.locator("a:not([download])").evaluate_all(
        "(all) => all.map((a) => new URL(a.href.baseVal ?? a.href, location).href)"
    )


def test_no_anchor_points_at_nothing(visit, site):
    page = visit(site, script=False)
    missing = []

    for address in (
        "/cases/armenia-society-without-violence/",
        "/compare/?case=C001&case=C006",
        "/forms/backlash/",
        "/lessons/",
        "/countries/rs/",
    ):
        page.goto(site + address)
        for anchor in page.locator("a[href^='#']").evaluate_all(
            "(all) => all.map((a) => a.getAttribute('href').slice(1))"
        ):
            if page.locator(f"[id='{anchor}']").count() != 1:
                missing.append((address, anchor))

    assert missing == []
