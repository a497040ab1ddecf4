"""Numbers, sizes, times and states as a person says them."""

from __future__ import annotations

from datetime import datetime

from longshore.cli.naming import command
from longshore.cli.resources import Import, Reason, Stage

STAGES = {
    "stage": "Stage",
    "plan": "Plan",
    "parse": "Parse",
    "extract": "Extract",
    "embed": "Embed",
    "write": "Write",
    "retire": "Retire",
    "link": "Link",
    "close": "Close",
}
STATES = {
    "queued": "queued",
    "running": "running",
    "waiting": "waiting",
    "paused": "paused",
    "cancelling": "being cancelled",
    "succeeded": "succeeded",
    "partially_succeeded": "succeeded in part",
    "failed": "failed",
    "cancelled": "cancelled",
}

WAYS_ON = {
    "awaiting_approval": ("approve", "cancel"),
    "operator_paused": ("resume",),
    "operator_action": ("resume", "cancel"),
    "cost_cap": ("resume", "cancel"),
}
"""By the reason for waiting, the commands that end it."""


def counted(number: int, noun: str) -> str:
    """`1 item`, `1,204 items`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def size(octets: int) -> str:
    """Bytes in decimal units: `812 B`, `4.2 MB`."""
    value, unit = float(octets), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit == "B" or value >= 99.5 else f"{value:.1f} {unit}"


def duration(seconds: float) -> str:
    """`0.8 s`, `42 s`, `3 min 5 s`, `2 h 10 min`, `3 days 4 h`."""
    if seconds < 9.95:
        return f"{max(seconds, 0):.1f} s"
    minutes, rest_s = divmod(round(seconds), 60)
    hours, rest_min = divmod(minutes, 60)
    days, rest_h = divmod(hours, 24)
    if not minutes:
        return f"{rest_s} s"
    if not hours:
        return _pair(f"{minutes} min", rest_s, "s")
    if not days:
        return _pair(f"{hours} h", rest_min, "min")
    return _pair(counted(days, "day"), rest_h, "h")


def _pair(large: str, small: int, unit: str) -> str:
    return f"{large} {small} {unit}" if small else large


def eta(bounds: tuple[float, float] | list[float] | None) -> str:
    """`about 1–2 min left`, or nothing where it is not known."""
    if not bounds:
        return ""
    low, high = bounds
    if high < 90:
        first, last, unit = round(low), round(high), "s"
    elif high < 5400:
        first, last, unit = round(low / 60), round(high / 60), "min"
    else:
        first, last, unit = round(low / 3600), round(high / 3600), "h"
    return f"about {last} {unit} left" if first == last else f"about {first}–{last} {unit} left"


def rate(per_second: float | None) -> str:
    """`2.1/s`, or per minute where it is slower than one a second."""
    if not per_second:
        return ""
    if per_second < 0.95:
        return f"{per_second * 60:.0f}/min"
    return f"{per_second:,.0f}/s" if per_second >= 9.95 else f"{per_second:.1f}/s"


def progress_of(stage: Stage) -> str:
    """`7/14 items`, or what is done where the total is not known yet."""
    if stage["total"] is not None:
        return f"{stage['done']:,}/{stage['total']:,} {stage['unit']}"
    return f"{stage['done']:,} {stage['unit']}" if stage["done"] else ""


def reason(why: Reason | None, now: datetime) -> str:
    """Why it does not simply run, and until when."""
    if not why:
        return ""
    at = moment(why.get("resume_at"))
    if at is None:
        return why["message"]
    left = (at - now).total_seconds()
    when = f"{at.astimezone():%H:%M:%S}"
    return f"{why['message'].rstrip('.')}; goes on at {when}" + (f", in {duration(left)}." if left > 0 else ".")


def ways_on(resource: Import) -> list[str]:
    """The commands that end the waiting, where some do."""
    verbs = WAYS_ON.get(resource["reason"]["code"], ()) if resource["reason"] else ()
    return [command(f"{verb} {resource['id']} --project {resource['project']}") for verb in verbs]


def fallbacks(resource: Import) -> list[str]:
    """Who is asked, or was, in the place of a provider that was away, how much that has done, and why."""
    return [
        f"{used['provider']} {'is' if used['active'] else 'was'} asked in the place of {used['instead_of']}, for "
        f"{counted(used['passages'], 'passage')}: {used['message']}"
        for used in resource.get("fallbacks", ())
    ]


def without_facts(resource: Import) -> list[str]:
    """How many passages have no facts, and why."""
    return [
        f"{counted(lacking['passages'], 'passage')} without facts: {lacking['message']}"
        for lacking in resource.get("without_facts", ())
    ]


def without_vectors(resource: Import) -> str | None:
    """How many passages keep search from the vectors of the new embedder, and why they have none."""
    lacking = resource.get("without_vectors")
    if not lacking or not lacking["passages"]:
        return None
    return (
        f"{counted(lacking['passages'], 'passage')} without a vector of {lacking['provider']}, "
        f"so search stays with the vectors that it had: {lacking['message']}"
    )


def way_back(resource: Import) -> str:
    """The command that follows the import."""
    return command(f"show {resource['id']} --project {resource['project']} --follow")


def begun(stage: Stage, resource: Import) -> bool:
    """Whether a stage is under way; before an import that waits goes on, the engine counts all stages as such."""
    idle = resource["state"] != "running" and not stage["done"] and not stage["failed"]
    return stage["state"] in ("running", "waiting") and not idle


def percent(resource: Import) -> str:
    return f"{int(resource['fraction'] * 100)} %"


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def took(resource: Import) -> str:
    """How long a closed import ran, or nothing if that is not known."""
    started, closed = moment(resource["started_at"]), moment(resource["closed_at"])
    return duration(max((closed - started).total_seconds(), 0)) if started and closed else ""


def ago(then: datetime, now: datetime) -> str:
    """`just now`, `42 s ago`, `5 min ago`, `3 h ago`, `2 days ago`."""
    passed = (now - then).total_seconds()
    if passed < 10:
        return "just now"
    for length, name in ((172_800, ""), (3600, "h"), (60, "min")):
        if passed >= length:
            return f"{int(passed // length)} {name} ago" if name else f"{int(passed // 86_400)} days ago"
    return f"{int(passed)} s ago"
