"""Expected waits in words. All are given in seconds and said in whole minutes."""

from foleni.words.catalogue import Words, words

_MINUTE_S = 60
_HOUR_MIN = 60


def wait_phrase(language: str, p50_s: int, p90_s: int) -> str:
    """`about 18 min, at most 30`; `at once` below a minute. Half wait at most `p50_s`, nine of ten at most `p90_s`."""
    say = words("foleni", language)
    likely, most = _minutes(p50_s), _minutes(p90_s)
    if p50_s < _MINUTE_S and most <= 1:
        return say("at once")
    if most <= likely:
        return say("about {likely}", likely=_span(say, likely))
    worst = str(most) if most < _HOUR_MIN else _span(say, most)
    return say("about {likely}, at most {most}", likely=_span(say, likely), most=worst)


def wait_short(language: str, p50_s: int) -> str:
    """`18 min`, `1 h 30 min`; `at once` below a minute."""
    say = words("foleni", language)
    return say("at once") if p50_s < _MINUTE_S else _span(say, _minutes(p50_s))


def _minutes(seconds: int) -> int:
    """Whole minutes, rounded up: nobody minds being called early."""
    return max(1, -(-seconds // _MINUTE_S))


def _span(say: Words, minutes: int) -> str:
    hours, rest = divmod(minutes, _HOUR_MIN)
    long = say.n("{count} h", "{count} h", hours)
    short = say.n("{count} min", "{count} min", rest)
    if not hours:
        return short
    return say("{hours} {minutes}", hours=long, minutes=short) if rest else long
