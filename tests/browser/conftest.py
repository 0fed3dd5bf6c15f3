"""A real server with the real content, and a real browser to look at it.

The server is that of `make run` over a SQLite file, so that what is
measured here is what a reader gets over the wire.
"""

import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Neutral(BaseHTTPRequestHandler):
    """The site that a reader leaves for."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>Neutral</title><h1>Neutral</h1>")

    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def neutral():
    """The address of a neutral site."""
    server = HTTPServer(("127.0.0.1", 0), Neutral)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def database(tmp_path_factory):
    """Where the database of the served site is."""
    return f"sqlite:///{tmp_path_factory.mktemp('site') / 'kb.sqlite3'}"


@pytest.fixture(scope="session")
def site(database, neutral):
    """The address of the site, served for this session only."""
    ledger = Path(database.removeprefix("sqlite:///")).with_name("withdrawals.jsonl")
    with served(
        DATABASE_URL=database, WITHDRAWAL_LEDGER=str(ledger), LEAVE_URL=neutral
    ) as address:
        yield address


@pytest.fixture(scope="session")
def demo(site, database, tmp_path_factory, neutral):
    """The address of a site of its own, where demo accounts may work at the desk.

    It begins with a copy of the other’s database, since making one takes longest.
    """
    folder = tmp_path_factory.mktemp("demo")
    with (
        closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as old,
        closing(sqlite3.connect(folder / "kb.sqlite3")) as new,
    ):
        old.backup(new)
    with served(
        DATABASE_URL=f"sqlite:///{folder / 'kb.sqlite3'}",
        WITHDRAWAL_LEDGER=str(folder / "withdrawals.jsonl"),
        LEAVE_URL=neutral,
        DEBUG="1",
    ) as address:
        yield address


@contextmanager
def served(**settings):
    """Serve a site with the content in it, as `make run` does; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    beside = Path(settings["WITHDRAWAL_LEDGER"]).with_name("offline")
    environment = {**os.environ, "OFFLINE_DIR": str(beside), **settings}
    environment["PORT"] = str(port)
    prepare = [sys.executable, "scripts/prepare.py"]
    subprocess.run(prepare, cwd=ROOT, env=environment, check=True)  # noqa: S603
    command = [sys.executable, "scripts/server.py"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment)  # noqa: S603
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/readyz")
        yield address
    finally:
        server.terminate()
        server.wait(20)


def wait_for(address, seconds=30):
    """Ask until the server answers."""
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address):  # noqa: S310
                return
        except OSError:
            if time.monotonic() > until:
                raise


@pytest.fixture(scope="session")
def chromium():
    """The browser that `make test` found or installed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"],
            args=FLAGS,
            # Readers’ browsers keep pages in memory for Back; so must this one.
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """Open a page in a fresh profile: visit(address, width=…, scheme=…, script=…)."""
    contexts = []

    def open_page(
        address, *, width=1280, height=900, scheme="light", script=True, **more
    ):
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            java_script_enabled=script,
            **more,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
