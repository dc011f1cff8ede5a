"""Whether two names in Latin letters mean the same person or the same house, as people write them.

A written name is `person (affiliation)`, or one of the two. Persons agree by family name and by
given names or their initials. Affiliations agree word by word, where a short form stands for the
words whose beginnings it is made of (`UCSD`, `UC San Diego`, `ETHZ`, `UMass`); words that carry no
identity (`Research`, `Inc`) may be missing, words that tell two houses apart (`State`, a campus,
`Chinese`) may not. Pure, no list of firms: rules only. A match is a reason to look, and what the
filter records; a person may always declare more (回避).

Source of the task: conflict matching as conference systems do it (collaborator lines).
"""

import functools
import re
import unicodedata

_STOP = frozenset(
    {
        "of",
        "the",
        "and",
        "at",
        "for",
        "in",
        "on",
        "de",
        "la",
        "le",
        "du",
        "des",
        "di",
        "der",
        "den",
        "und",
        "et",
    }
)
"""Words that a short form may pass over."""

_KINDS = {
    "university": "university", "univ": "university", "uni": "university", "universitat": "university",
    "universite": "university", "universidad": "university", "universita": "university",
    "college": "college", "institute": "institute", "inst": "institute", "institut": "institute",
    "instituto": "institute", "school": "school", "academy": "academy", "hospital": "hospital",
}  # fmt: skip
"""Words for what kind of house it is: they may be missing on one side, but may not differ."""

_LIGHT = frozenset(
    {"research", "center", "centre", "lab", "labs", "laboratory", "laboratories", "group", "inc", "corp"}
    | {"corporation", "co", "company", "ltd", "limited", "llc", "llp", "plc", "gmbh", "ag", "sa", "nv", "bv"}
    | {"division", "department", "dept", "technologies", "holdings", "international"}
)
"""Words that carry no identity of their own."""

_SHORT = {
    "univ": "university", "inst": "institute", "tech": "technology", "natl": "national", "nat": "national",
    "intl": "international", "dept": "department", "sci": "science", "sciences": "science",
    "engg": "engineering", "eng": "engineering", "st": "saint", "ctr": "center", "centre": "center",
    "lab": "laboratory", "labs": "laboratory", "laboratories": "laboratory",
    "technological": "technology", "corp": "corporation",
    # What American states are commonly cut to.
    "penn": "pennsylvania", "mass": "massachusetts", "mich": "michigan", "minn": "minnesota",
    "wisc": "wisconsin", "wash": "washington", "calif": "california", "cal": "california", "ill": "illinois",
    "conn": "connecticut",
    "tex": "texas", "ariz": "arizona", "colo": "colorado", "fla": "florida", "tenn": "tennessee",
    "virg": "virginia", "ind": "indiana", "okla": "oklahoma", "ore": "oregon", "miss": "mississippi",
}  # fmt: skip
"""A cut word to the word it is cut from."""

_PART = re.compile(
    r"^(?:dept|department|school|faculty|college|division|section|lab|laboratory|cent(?:er|re)|chair|group)\b.*\b(?:of|for)\b",
)
_INSTITUTE = re.compile(r"^(?:inst|institute)\b.*\b(?:of|for)\b")
"""An institute beside a university is the university's; alone it is a house of its own."""
_COUNTRIES = frozenset(
    {
        "usa",
        "us",
        "united states",
        "uk",
        "united kingdom",
        "china",
        "pr china",
        "p r china",
        "germany",
        "france",
    }
    | {"japan", "canada", "switzerland", "italy", "spain", "india", "korea", "south korea", "singapore"}
    | {"australia", "israel", "netherlands", "sweden", "denmark", "austria", "brazil", "hong kong sar"}
)
_NOBODY = frozenset({"all", "any", "anyone", "everyone", "everybody", "none", "全体", "所有人", "全部"})
"""Written in the place of a name, they name nobody in particular."""

_PARTICLES = frozenset(
    {
        "de",
        "del",
        "della",
        "da",
        "do",
        "dos",
        "di",
        "du",
        "la",
        "le",
        "van",
        "von",
        "der",
        "den",
        "bin",
        "ibn",
    }
)
"""Words between names that people leave out when they write initials."""
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
"""Letters of their own that are no letter with an accent, as people write them without."""

_ACRONYM_CHARS_MAX = 8
_PREFIX_CHARS_MIN = 3
_COINED_CHARS_MIN = 5


class Written(tuple[str, str]):
    """A written name taken apart: (person, affiliation), either of them perhaps empty."""

    __slots__ = ()

    @property
    def person(self) -> str:
        """The person's name."""
        return self[0]

    @property
    def affiliation(self) -> str:
        """The house."""
        return self[1]


def take_apart(text: str) -> Written:
    """Person and affiliation of `person (affiliation)`; without brackets it may be read as either.

    >>> take_apart("D. Thin (Captain Poop)")
    ('D. Thin', 'Captain Poop')
    """
    text = unicodedata.normalize("NFKC", text).strip()
    found = re.fullmatch(r"([^()]*)\((.*)\)\s*", text)
    if found is None:
        return Written((text, text))
    return Written((found[1].strip(), found[2].strip()))


def matches(one: str, other: str, *, prefer_name: bool = False) -> bool:
    """Whether two written names mean the same person or the same affiliation.

    Args:
      one: `person (affiliation)`, a person or an affiliation.
      other: likewise.
      prefer_name: where both name a person, only the person counts.

    >>> matches("UC San Diego", "Butt (UCSD)"), matches("Lon Peter Deutsch", "P. Deutsch")
    (True, False)
    """
    a, b = take_apart(one), take_apart(other)
    if not (_is_house(one) or _is_house(other)) and same_person(a.person, b.person):
        return True
    if prefer_name and _names_somebody(one, a) and _names_somebody(other, b):
        return False
    return same_affiliation(a.affiliation, b.affiliation)


def _is_house(text: str) -> bool:
    """Whether a text without brackets says by a word of its own that it is a house: `… State University`."""
    return "(" not in text and any(_SHORT.get(word, word) in _KINDS for word in _words(text))


def _names_somebody(text: str, taken: Written) -> bool:
    return "(" in unicodedata.normalize("NFKC", text) and _plain(taken.person) not in {"", *_NOBODY}


# --- persons ------------------------------------------------------------------------------------------------


def same_person(one: str, other: str) -> bool:
    """Whether two names may be one person's: the same family name, and given names that agree.

    Given names agree from the first on, an initial standing for a name and missing ones for any; a
    person may go by the second name alone, if it is written out, or if the first is an initial only.
    """
    first, second = _names(one), _names(other)
    if len(first) < 2 or len(second) < 2 or first[-1] != second[-1]:
        return False
    a, b = first[:-1], second[:-1]
    return _agree(a, b) or _by_second(a, b) or _by_second(b, a)


def _agree(a: list[str], b: list[str]) -> bool:
    return all(_same_given(x, y) for x, y in zip(a, b, strict=False))


def _same_given(x: str, y: str) -> bool:
    if len(x) == 1 or len(y) == 1:
        return x[0] == y[0]
    return x == y


def _by_second(a: list[str], b: list[str]) -> bool:
    """Whether `b` calls by the second given name somebody whose first is known to `a`."""
    if len(a) < 2 or len(a[1]) == 1:
        return False
    return (len(a[0]) == 1 or len(b[0]) > 1) and _agree(a[1:], b)


def _names(text: str) -> list[str]:
    """Given names and the family name; `J.-P.`, `L.C.` and `Thin, Dan` are taken apart."""
    family, comma, given = text.partition(",")
    if comma and given.strip():
        text = f"{given} {family}"
    plain = _plain(re.sub(r"(?<=[A-Za-z])\.", " ", text))
    names = re.sub(r"[-']", " ", plain).split()
    return [
        name for place, name in enumerate(names) if place in (0, len(names) - 1) or name not in _PARTICLES
    ]


# --- affiliations -------------------------------------------------------------------------------------------


def same_affiliation(one: str, other: str) -> bool:
    """Whether two written affiliations mean one house."""
    return any(_same_house(a, b) for a in _readings(one) for b in _readings(other))


@functools.lru_cache(maxsize=4096)
def _readings(text: str) -> tuple[tuple[str, ...], ...]:
    """The words of an affiliation, and again without the parts that name a department or a country."""
    whole = _words(text)
    # People say `HKU` for the University of Hong Kong: the kind of house comes first or last.
    turned = (*whole[1:], whole[0]) if whole and whole[0] in _KINDS else ()
    parts = [part.strip() for part in re.split(r"[,;/]", text)]
    kept = [p for p in parts if _plain(p) not in _COUNTRIES and not _PART.match(_plain(p))]
    if any("university" in _bare(_words(p))[1] for p in kept):
        kept = [p for p in kept if not _INSTITUTE.match(_plain(p))]
    less = _words(", ".join(kept))
    readings = (whole, less, turned, *_without_acronym([_words(part) for part in kept]))
    return tuple(dict.fromkeys(reading for reading in readings if reading))


def _without_acronym(parts: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """`HIT, Halvorsen Institute of Technology`: one part says the same as the others, and may be left out."""
    found = []
    for place, part in enumerate(parts):
        rest = tuple(word for other in (*parts[:place], *parts[place + 1 :]) for word in other)
        if len(part) == 1 and rest and _aligned(part, rest):
            found.append(rest)
    return found


def _words(text: str) -> tuple[str, ...]:
    text = re.sub(r"\b((?:[A-Za-z]\.\s?){2,})", lambda found: re.sub(r"[.\s]", "", found[1]) + " ", text)
    plain = re.sub(r"[^a-z0-9]+", " ", _plain(text.replace("&", " and ")))
    return tuple(word for word in plain.split() if word not in _STOP)


def _same_house(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    if a == b or _aligned(a, b):
        return True
    x, y = _bare(a), _bare(b)
    if not x[0] or not y[0]:
        return False
    if x[1] and y[1] and (x[1].isdisjoint(y[1]) or ("hospital" in x[1]) != ("hospital" in y[1])):
        return False
    if x[1] or y[1]:
        # Of a university every word counts, whatever their order: `University of Hong Kong`.
        return sorted(x[0]) == sorted(y[0])
    return _aligned(x[0], y[0]) or _within(x[0], y[0]) or _within(y[0], x[0])


def _bare(words: tuple[str, ...]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The words that tell a house apart, and of which kinds it is."""
    full = [_SHORT.get(word, word) for word in words]
    kinds = frozenset(_KINDS[word] for word in full if word in _KINDS)
    heavy = tuple(word for word in full if word not in _KINDS and word not in _LIGHT)
    return heavy, kinds


def _within(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Whether two or more words stand in another name in their order, from its first on: `IBM Watson`."""
    if len(short) < 2 or short[0] != long[0]:
        return False
    rest = iter(long)
    return all(word in rest for word in short)


def _aligned(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether two names say the same from end to end, short forms standing for what they shorten."""

    @functools.cache
    def from_(i: int, j: int) -> bool:
        if i == len(a) and j == len(b):
            return True
        if i < len(a) and j < len(b) and _same_word(a[i], b[j]) and from_(i + 1, j + 1):
            return True
        if i < len(a) and any(from_(i + 1, end) for end in _spelt(a[i], b, j)):
            return True
        return j < len(b) and any(from_(end, j + 1) for end in _spelt(b[j], a, i))

    return from_(0, 0)


def _same_word(x: str, y: str) -> bool:
    return _SHORT.get(x, x) == _SHORT.get(y, y)


def _spelt(short: str, words: tuple[str, ...], start: int) -> list[int]:
    """Where the words end that a short form is made of: the beginnings of two or more, one after another.

    A piece is one letter, three letters or more, or a whole word that is a short form itself (`UC` in
    `UCSD`); a long one may pass over what kind of house it is (`Caltech`).
    """
    if not 2 <= len(short) <= _ACRONYM_CHARS_MAX or not short.isalpha():
        return []
    ends: list[int] = []
    coined = len(short) >= _COINED_CHARS_MIN

    def go(rest: str, at: int) -> None:
        if not rest:
            if at - start > 1:
                ends.append(at)
            return
        if at == len(words):
            return
        for length in {1, *range(_PREFIX_CHARS_MIN, len(rest) + 1), len(words[at])}:
            if 0 < length <= len(rest) and words[at].startswith(rest[:length]):
                go(rest[length:], at + 1)
        if coined and at > start and words[at] in _KINDS:
            go(rest, at + 1)

    go(short, start)
    return ends


def _plain(text: str) -> str:
    """Lower case, without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    return bare.translate(_LETTERS).strip()
