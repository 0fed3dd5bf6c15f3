"""Words of ten languages to write made-up texts with, and how often each occurs.

A few words of the subject are real; the others are syllables of the language’s script,
so that what splits, folds and stems words meets all scripts. English takes the words of
fixtures/ first, the most frequent in front, so that its stop words are stop words.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

FIXTURES = Path(__file__).resolve().parent.parent.parent / "fixtures"
WORDS = 12_000  # in each language
SUBJECT_FROM = 30  # the rank of the first word of the subject

# name: share of the cases, words of the subject, syllables.
TONGUES = {
    "en": (
        0.45,
        "",
        "ba be con der el fin gra hol in jor ken lo mer nis op per qua ris sto un ver",
    ),
    "es": (
        0.12,
        "violencia mujeres derechos comunidad resistencia diálogo niñas redes",
        "ba ción des fo gran ja ña lo mente no para que ri sión ta una vez zo ú lle",
    ),
    "fr": (
        0.10,
        "violence femmes droits communauté résistance réseau filles égalité",
        "bon ça dé eur fai ge lle mé nou oi pré que ré sion tê une ver xion où",
    ),
    "ar": (
        0.09,
        "عنف نساء حقوق مجتمع مقاومة حوار فتيات مساواة",
        "با تي جو حا خي دا را سي شا صو عا غي فا قو كا لي ما نو ها وي ال",
    ),
    "tr": (
        0.05,
        "şiddet kadınlar haklar topluluk direnç diyalog kızlar eşitlik",
        "ba çı di eğ fa gö hı iş ka lı mü nö pa rı sö şa tü uz ve yı zı",
    ),
    "sr": (
        0.025,
        "насиље жене права заједница отпор дијалог девојчице једнакост",
        "ба ви го ђа је жи зо ћу ка ли мо њи о па ри со тљ у фа ци чо џе ши",
    ),
    "sr-Latn": (
        0.025,
        "nasilje žene prava zajednica otpor dijalog devojčice jednakost",
        "ba vi go đa je ži zo ću ka li mo nji o pa ri so tlj u fa ci čo dže ši",
    ),
    "ne": (
        0.05,
        "हिंसा महिला अधिकार समुदाय प्रतिरोध संवाद बालिका समानता",
        "क खि गा घु चे छो जि टा ठो डे ता थि दु ने पा बि भो मा यी रु ला वे सि हा",
    ),
    "hy": (
        0.03,
        "բռնություն կանայք իրավունք համայնք դիմադրություն երկխոսություն",
        "ա բե գի դո եր զու էն ըմ թա ժի լո խե կա հի մու նա շե ոչ պի սա վո տե րի ու",
    ),
    "ur": (
        0.03,
        "تشدد خواتین حقوق برادری مزاحمت مکالمہ لڑکیاں مساوات",
        "با پی تو ٹا جی چو خا دی ڈا رو ڑی سا شی غو فا قی کو گا لی مو نا ہی یے",
    ),
    "my": (
        0.03,
        "အကြမ်းဖက် အမျိုးသမီး အခွင့်အရေး အသိုင်းအဝိုင်း ဆန့်ကျင်",
        "က ခိ ဂု စာ ဆေ ညာ တို ထု ဒါ နေ ပါ ဖို ဗု မာ ယေ ရို လု ဝါ သေ ဟို အု",
    ),
}


@dataclass(frozen=True)
class Tongue:
    """A language: its words by rank, and how likely one of the first so many is."""

    name: str
    words: np.ndarray
    rising: np.ndarray

    def write(self, words: list[str]) -> str:
        """Some words as sentences. Burmese sets no space between words."""
        if self.name == "my":
            words = ["".join(words[at : at + 3]) for at in range(0, len(words), 3)]
        ends = range(0, len(words), 14)
        return " ".join(f"{' '.join(words[at : at + 14]).capitalize()}." for at in ends)


def rising(weights: np.ndarray) -> np.ndarray:
    """Weights as the chances of one of the first so many."""
    return np.cumsum(weights / weights.sum())


def zipf(n: int, exponent: float) -> np.ndarray:
    """How often the first, second, … of n things occurs."""
    return 1 / np.arange(1, n + 1) ** exponent


def of_fixtures() -> list[str]:
    """English words of the project’s own texts, the most frequent first."""
    counts = Counter()
    for path in sorted(FIXTURES.glob("**/*.yaml")):
        counts.update(re.findall(r"\b[a-z]+\b", path.read_text(encoding="utf-8")))
    return sorted(counts, key=lambda word: (-counts[word], word))


def made_up(syllables: list[str], rng: np.random.Generator) -> list[str]:
    """Different words of one to four syllables, the short ones first."""
    words, tried = {}, 0
    while len(words) < WORDS:
        length = 1 + (tried > 20) + (tried > 300) + (tried > 4000)
        picked = rng.integers(len(syllables), size=length)
        words["".join(syllables[n] for n in picked)] = None
        tried += 1
    return list(words)


@cache
def tongues() -> list[Tongue]:
    """All languages, the same each time."""
    chances = rising(zipf(WORDS, 1.0))
    found = []
    for number, (name, (_share, subject, syllables)) in enumerate(TONGUES.items()):
        words = made_up(syllables.split(), np.random.default_rng(number))
        front = of_fixtures() if name == "en" else words[:SUBJECT_FROM]
        words = list(dict.fromkeys([*front, *subject.split(), *words]))[:WORDS]
        found.append(Tongue(name, np.array(words, dtype=object), chances))
    return found


def shares() -> np.ndarray:
    """How likely each language is."""
    return rising(np.array([share for share, *_ in TONGUES.values()]))
