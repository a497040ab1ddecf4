"""The nouns in Korean words, told apart from particles and predicates by their endings alone.

A dictionary would do better, and costs hundreds of megabytes; what decides here is which particle may follow which
final consonant, and whether the text itself uses the longer form as a noun.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from longshore.extraction.wordlists import sections

_HANGUL_START = 0xAC00
_FINALS = 28
_RIEUL = 8

_ANY, _CONSONANT, _VOWEL, _VOWEL_OR_RIEUL = range(4)
_PARTICLES = {
    "에서부터": _ANY,
    "으로부터": _CONSONANT,
    "로부터": _VOWEL_OR_RIEUL,
    "에게서": _ANY,
    "으로서": _CONSONANT,
    "으로써": _CONSONANT,
    "에서의": _ANY,
    "에서는": _ANY,
    "에서도": _ANY,
    "으로는": _CONSONANT,
    "으로의": _CONSONANT,
    "으로도": _CONSONANT,
    "에게는": _ANY,
    "까지의": _ANY,
    "까지는": _ANY,
    "부터의": _ANY,
    "만으로": _ANY,
    "만으로는": _ANY,
    "이라는": _CONSONANT,
    "이라고": _CONSONANT,
    "이라면": _CONSONANT,
    "이란": _CONSONANT,
    "라는": _VOWEL,
    "라고": _VOWEL,
    "란": _VOWEL,
    "에서": _ANY,
    "에게": _ANY,
    "에는": _ANY,
    "에도": _ANY,
    "에의": _ANY,
    "으로": _CONSONANT,
    "로서": _VOWEL_OR_RIEUL,
    "로써": _VOWEL_OR_RIEUL,
    "로의": _VOWEL_OR_RIEUL,
    "로는": _VOWEL_OR_RIEUL,
    "부터": _ANY,
    "까지": _ANY,
    "처럼": _ANY,
    "보다": _ANY,
    "보다는": _ANY,
    "마다": _ANY,
    "조차": _ANY,
    "이나": _CONSONANT,
    "이며": _CONSONANT,
    "이고": _CONSONANT,
    "이라": _CONSONANT,
    "이자": _CONSONANT,
    "과의": _CONSONANT,
    "과는": _CONSONANT,
    "와의": _VOWEL,
    "와는": _VOWEL,
    "은": _CONSONANT,
    "는": _VOWEL,
    "을": _CONSONANT,
    "를": _VOWEL,
    "이": _CONSONANT,
    "가": _VOWEL,
    "과": _CONSONANT,
    "와": _VOWEL,
    "의": _ANY,
    "에": _ANY,
    "로": _VOWEL_OR_RIEUL,
    "도": _ANY,
    "만": _ANY,
}
"""Particles (조사) and the final of the noun before them."""
_LONGEST_PARTICLE = max(map(len, _PARTICLES))
_ALSO_NOUN_ENDINGS = frozenset({"이", "가", "과", "의", "로", "도", "만", "라고", "이나", "이고", "이자", "보다"})
"""Particles that nouns end in as well (정확도, 전문가); the others are proof that a noun stands before them."""
_RARELY_PARTICLES = frozenset({"도", "만"})
"""In written Korean a noun's own last syllable more often than a particle, unless the text knows the shorter form."""
_NOUNS_LIKE_PARTICLES = re.compile("(?:..결과|주의|논의|높이|길이|깊이|넓이|놀이|어린이)$")

# Syllables that end in a double s (있, 했, 겠) mark tense or being, and no noun has one.
_PAST = re.compile("[" + "".join(chr(first + 20) for first in range(0xAC00, 0xD7A4, 28)) + "]")
_PREDICATE = re.compile(
    "(?:습니다|합니다|입니다|됩니다|니다|이다|하다|되다|한다|된다|했다|됐다|였다|었다|았다|있다|없다|같다|않다|는다|린다|른다|난다"
    "|온다|간다|진다|준다|인다|친다|킨다|운다|본다|낸다|쓴다|높다|낮다|많다|크다|다르다|르다|쉽다|렵다|겠다|왔다|갔다|졌다|렸다|났다|켰다"
    "|어요|아요|세요|해요|에요|예요|네요|군요|지요|나요|습니까"
    "|하는|되는|있는|없는|않는|시키는|어지는|여지는|아지는|러지는|나타나는|만드는|이루는|다루는|따르는|이르는|흐르는|갖는|받는|찾는|얻는|맞는|주는|보는|쓰는|오는|가는"
    "|하고|되고|있고|없고|않고|시키고|하며|되며|으며|있으며|하여|되어|시켜|어서|아서|해서|여서|라서|져서|면서|하면|되면|으면|이면|라면|다면"
    "|하지|되지|[잃없같맞받찾얻높좋싶있않많쉽넘]지|하기|되기|있기|없기|하게|되게|있게|없게|쉽게|르게|렇게|하도록|되도록|도록|하던|되던|했던|었던|았던|거나|든지|듯이"
    "|으나|하나|되나|지만|는데|은데|한데|인데|므로|니까|려고|려면|고자|하자|더라도|되므로|하므로|함으로써|됨으로써"
    "|하려는|할지|될지|는지|은지|위한|위해|위하여|대한|대해|대하여|통한|통해|통하여|따른|따라|의한|의해|의하여|관한|관해|관하여"
    "|인한|인해|인하여|비해|비하여|더불어|이루어진|만들어진|알려진|주어진|되었으며|하였으며|했으며|됐으며"
    "|적인|적으로|적이고|적이며|스러운|스럽게|로운|롭게|다운)$"
    "|^..+(?:히|음|한|된|될|할|함|됨|던|해|돼|했|진|려|운)$|^.+(?:지|르|리|기|오|가|나|보|주|치|키)면$|[깨빠커꺼터]진$|[멈갖맞늦]춘$|[걸열달올내밀풀끌]린$|(?:다린|뜨린|어난|러난|타난|시킨|으킨|느라|려다|다가)$|^.[이리기히우추](?:고|며)$|^[^마가노]을$|^.[은는던른]$"
)
_NOUNS_LIKE_PREDICATES = re.compile(
    "(?:브라운|크라운|다운|타운|표면|화면|제한|권한|기한|무한|북한|남한|극한|역할|분할|관할|포함|이해|저해|피해|재해|방해|견해|가해|상해|손해|공해|침해|장해|오해|사진"
    "|추진|촉진|직진|후진|선진|지진|증진|고려|우려|배려|장려|캐나다|수요|측면|화면|표면|장면|국면|단면|문서|순서|부서|보고서|패러다임|마음|도움|모음|소음|다음|믿음|죽음|웃음|걸음|화음|발음|녹음|잡음|처음|얼음|자음|저음|고음)$"
)
_ADJECTIVE = re.compile("(?<!목)(?<!업)(?<!실)(?<!면)(?<!추)(?<!흔)(?<!유)(?<!누)적$")

_LISTS = sections("korean")

STOP_WORDS = _LISTS["stop"]
EMPTY = _LISTS["empty"]
"""Nouns that say too little to be a term, alone or among themselves; beside a noun that says more they may."""


def proven_nouns(words: Collection[str]) -> frozenset[str]:
    """The words that a particle follows which can be nothing else."""
    found = set()
    for word in words:
        if not _is_predicate(word):
            stem, particle = _split(word)
            if particle and particle not in _ALSO_NOUN_ENDINGS:
                found.add(stem)
    return frozenset(found)


def noun(word: str, proven: Collection[str]) -> tuple[str, bool] | None:
    """The noun in a word written in Hangul, and whether a particle followed it; None for anything but a noun."""
    if word in STOP_WORDS or _is_predicate(word):
        return None
    stem, particle = _split(word)
    own_ending = word in proven or (particle in _RARELY_PARTICLES and stem not in proven)
    if particle in _ALSO_NOUN_ENDINGS and own_ending:
        stem, particle = word, ""
    if len(stem) > 2 and stem.endswith("들"):
        stem, particle = stem[:-1], "들"
    if len(stem) < 2 or stem in STOP_WORDS or (particle and _is_predicate(stem)):
        return None
    return stem, bool(particle)


def stem(word: str) -> str:
    """The word without its particle, if it may have one."""
    return _split(word)[0]


def particle_of(ending: str) -> bool:
    """Whether Hangul written behind a Latin word (`PDF를`) is a particle and nothing more."""
    return ending in _PARTICLES or ending in ("들", "들은", "들을", "들이", "들의", "나", "인", "이다", "다", "이나")


def ends_term(noun: str) -> bool:
    """Whether a term may end in this noun."""
    return noun not in _LISTS["never last"] and not (len(noun) > 2 and _ADJECTIVE.search(noun))


def _split(word: str) -> tuple[str, str]:
    if _NOUNS_LIKE_PARTICLES.search(word):
        return word, ""
    for length in range(min(_LONGEST_PARTICLE, len(word) - 2), 0, -1):
        stem, ending = word[:-length], word[-length:]
        if ending in _PARTICLES and _agrees(_PARTICLES[ending], stem[-1]):
            return stem, ending
    return word, ""


def _agrees(demand: int, syllable: str) -> bool:
    final = (ord(syllable) - _HANGUL_START) % _FINALS
    if demand == _CONSONANT:
        return final != 0
    if demand == _VOWEL:
        return final == 0
    return demand == _ANY or final in (0, _RIEUL)


def _is_predicate(word: str) -> bool:
    return bool(_PAST.search(word) or (_PREDICATE.search(word) and not _NOUNS_LIKE_PREDICATES.search(word)))
