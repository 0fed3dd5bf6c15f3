"""What was measured, as a Markdown report; every number comes from the results."""

from dataclasses import dataclass
from math import log10
from statistics import median

SIZES = ("10k", "100k", "1m")
# What must hold, for 10k, 100k and 1m.
SERVER = {
    "P0": (3, 4, 8),
    "P1": (3, 4, 8),
    "P3": (3, 4, 8),
    "M1": (2, 3, 8),
    "PT": (4, 5, 10),
}
COLD = {"sqlite": (5, 10, 40), "postgresql": (8, 30, 250)}
WRITE = (10, 10, 20)
CPU = {"uncached list": (3, 3, 5), "cached page": (0.5,) * 3, "304": (0.45,) * 3}
FASTER = {
    ("Datasette", "P0"): (40, 300, 1000),
    ("Datasette", "P1"): (10, 50, 500),
    ("Datasette", "P3"): (6, 10, 80),
    ("ORM", "P0"): (8, 50, 500),
}
COLD_START, REBUILD, MEMORY = 1000, 15_000, 80  # at 1m: ms, ms, MB
EXPONENT = 0.45
NAMES = {
    "P0": "unfiltered",
    "P1": "1 filter",
    "P3": "3 filters",
    "PT": "text + filter, seen before",
    "M1": "matrix with a region filter",
}


def p95(times: list[float]) -> float:
    return sorted(times)[min(len(times) - 1, round(0.95 * (len(times) - 1)))]


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


@dataclass(frozen=True)
class Row:
    """One thing that must hold."""

    what: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def cells(self) -> str:
        sign = "≥" if self.at_least else "≤"
        verdict = "yes" if self.holds else "**no**"
        return f"{self.what} | {number(self.value)} | {sign} {self.limit} | {verdict}"


def rows(vendor: str, size: str, found: dict) -> list[Row]:
    """What must hold for one database."""
    at, server, pages = SIZES.index(size), found["server"], found["pages"]
    made = [
        Row(f"server p95 ms, {NAMES[kind]}", p95(server[kind]), limits[at])
        for kind, limits in SERVER.items()
    ]
    cold = p95(server["PT cold"])
    made.append(Row("server p95 ms, text + filter, cold", cold, COLD[vendor][at]))
    for (other, kind), limits in FASTER.items():
        if other in pages[kind]:
            # Request by request: the others are asked for the first of them only.
            both = zip(pages[kind][other], pages[kind]["us"], strict=False)
            ratio = median(theirs / ours for theirs, ours in both)
            what = f"page p50, times faster than {other}, {NAMES[kind]}"
            made.append(Row(what, ratio, limits[at], at_least=True))
    for what, limits in CPU.items():
        made.append(Row(f"CPU ms, {what}", pages["cpu"][what], limits[at]))
    for what in ("publish", "withdraw"):
        made.append(Row(f"{what} p50 ms", median(found["write"][what]), WRITE[at]))
    if size == "1m":
        held = found["cold"]
        made += [
            Row("cold start ms", held["cold start"][0], COLD_START),
            Row("rebuild ms", found["rebuild"]["rebuild"][0], REBUILD),
            Row("index MB", held["index MB"][0], MEMORY),
        ]
    return made


def growth(results: dict) -> list[Row]:
    """How server time grows from the smallest to the largest base measured."""
    found = []
    for vendor in sorted({vendor for vendor, _size in results}):
        sizes = [size for size in SIZES if (vendor, size) in results]
        for kind in SERVER if len(sizes) > 1 else ():
            first, last = (
                median(results[vendor, size]["server"][kind])
                for size in (sizes[0], sizes[-1])
            )
            steps = SIZES.index(sizes[-1]) - SIZES.index(sizes[0])
            what = f"{vendor} | {sizes[0]} → {sizes[-1]} | growth, {NAMES[kind]}"
            found.append(Row(what, log10(last / first) / steps, EXPONENT))
    return found


def report(results: dict, failures: list[str], machine: str) -> str:
    """The whole report."""
    lines = ["# How fast it is", "", machine, ""]
    lines += [f"- Not measured: {failure}" for failure in failures]
    lines += ["", "| database | cases | what | measured | limit | holds |"]
    lines.append("|---|---|---|---|---|---|")
    for (vendor, size), found in results.items():
        for row in rows(vendor, size, found):
            lines.append(f"| {vendor} | {size} | {row.cells()} |")
    lines += [f"| {row.cells()} |" for row in growth(results)]
    return "\n".join([*lines, "", *details(results), ""])


def details(results: dict) -> list[str]:
    """Every series of times: how many, median and 95th of a hundred."""
    lines = ["| database | cases | what | n | p50 | p95 |", "|---|---|---|---|---|---|"]
    for (vendor, size), found in results.items():
        server = found["server"] | found["reference"]
        series = {f"server ms, {k}": v for k, v in server.items()}
        for kind in NAMES:
            servers = found["pages"].get(kind, {})
            series |= {f"page ms, {kind} {k}": v for k, v in servers.items()}
        series |= {"page KB on the wire, P1": found["pages"]["wire"]}
        series |= {f"{k} ms": v for k, v in found["write"].items()}
        series |= {f"CPU ms, {k}": [v] for k, v in found["pages"]["cpu"].items()}
        series |= found["rebuild"] | found["cold"]
        for what, times in series.items():
            what = what.replace("ms, ", "", 1) if what.endswith("queries") else what
            told = f"{len(times)} | {number(median(times))} | {number(p95(times))}"
            lines.append(f"| {vendor} | {size} | {what} | {told} |")
    return lines
