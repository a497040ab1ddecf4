"""Bringing a mirror up to date by asking only for what has changed: Zotero's own way of synchronising.

See https://www.zotero.org/support/dev/web_api/v3/syncing. A library that has not changed costs one request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from longshore.sources.zotero.web.client import ITEMS_AT_ONCE, Object, ZoteroApi
from longshore.sources.zotero.web.form import storable
from longshore.sources.zotero.web.mirror import Collection, Entry, Mirror

_STUBS = frozenset({"annotation"})
"""Types of which nothing is read."""


async def bring_up_to_date(api: ZoteroApi, mirror: Mirror, reached: Callable[[], Awaitable[None]]) -> None:
    """Fetch what the mirror lacks.

    A mirror that was left unfinished is gone on with: what it has of the newest version is not fetched again.

    Args:
        reached: Is called after each answer that the mirror has grown by.

    Raises:
        InvalidSource, LongshoreError: as the methods of `ZoteroApi` do.
    """
    since = mirror.head.version
    changed = await api.versions(since)
    if changed is None:
        return
    version, listed = changed
    collections = await api.collections(since)
    gone_version, gone = await _gone(api, mirror, since, version, listed)
    wanted = sorted(key for key, newest in listed.items() if mirror.version_of(key) != newest)
    for start in range(0, len(wanted), ITEMS_AT_ONCE):
        for told in (await api.items(wanted[start : start + ITEMS_AT_ONCE])).objects:
            _take(mirror, told)
        await reached()
    for key in gone.get("items", ()):
        if key not in listed:
            mirror.drop(key)
    # What changes between these answers has a newer version than this, and is asked for again the next time.
    mirror.set_head(
        min(version, collections.version, gone_version),
        _collections(mirror, collections.objects, gone.get("collections", [])),
    )


async def _gone(
    api: ZoteroApi, mirror: Mirror, since: int, version: int, listed: dict[str, int]
) -> tuple[int, dict[str, list[str]]]:
    if since:
        return await api.deleted(since)
    return version, {"items": [key for key in mirror if key not in listed]}


def _take(mirror: Mirror, told: Object) -> None:
    """The object in its newest version, with the file that was brought of an older one: it may be the same."""
    before = mirror.get(told.key).file if mirror.version_of(told.key) is not None else None
    data = storable(told.data)
    stub = {name: data[name] for name in ("itemType", "deleted") if data.get(name)}
    kept = stub if stub.get("itemType") in _STUBS or "deleted" in stub else data
    mirror.put(Entry(key=told.key, version=told.version, data=kept, file=before))


def _collections(mirror: Mirror, told: list[Object], gone: list[str]) -> dict[str, Collection]:
    collections = {key: found for key, found in mirror.head.collections.items() if key not in gone}
    for found in told:
        if found.data.get("deleted"):
            collections.pop(found.key, None)
        else:
            data = storable(found.data)
            name = " ".join(str(data.get("name", "")).split())
            collections[found.key] = Collection(name=name, parent=str(data.get("parentCollection") or "") or None)
    return collections
