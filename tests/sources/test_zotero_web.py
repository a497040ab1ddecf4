"""The web API: what is asked for, and what is not asked for again; what an object becomes; what is refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from longshore.blobs import BlobStore
from longshore.errors import ComeBackLater, InvalidSource, LongshoreError
from longshore.sources.choosing import Choice
from longshore.sources.identity import document_identity
from longshore.sources.model import Item
from longshore.sources.zotero.web import WebLibrary, parse_place
from longshore.sources.zotero.web.client import Account, ZoteroApi
from longshore.sources.zotero.web.mirror import Mirror
from longshore.sources.zotero.web.staging import StagedLibrary, Staging, Wanted
from tests.sources.zotero_server import Answer, ZoteroServer, serving

PROJECT = "docks"


@pytest.fixture
def server() -> Iterator[ZoteroServer]:
    with serving(ZoteroServer()) as server:
        yield server


class Reader:
    """Brings the server's library in as imports do, one after another."""

    def __init__(self, server: ZoteroServer, blobs: BlobStore) -> None:
        self.server = server
        self.blobs = blobs
        self.manifest: str | None = None
        self.account: Account | None = None
        self.staged: StagedLibrary | None = None
        self.told: list[tuple[int, int]] = []

    async def read(self, wanted: Wanted | None = None, most_bytes: int = 1_000_000) -> list[Item]:
        wanted = wanted or Wanted()
        api = ZoteroApi(self.server.url, self.server.library, self.account)
        try:
            staging = Staging(self.blobs, PROJECT, api, wanted, most_bytes, self._remember, self._tell)
            self.staged = await staging.stage(self.manifest)
        finally:
            await api.close()
        self.manifest = self.staged.manifest
        async with self.blobs.local_path(PROJECT, self.manifest) as path:
            library = WebLibrary(Mirror.read(path), wanted.collection)
            return [item for item in library.items() if wanted.choice.takes(item)]

    async def asked_while_reading(self, wanted: Wanted | None = None) -> list[str]:
        before = len(self.server.asked)
        await self.read(wanted)
        return [target.removeprefix(f"/{self.server.library}/") for target in self.server.asked[before:]]

    async def _remember(self, manifest: str) -> None:
        self.manifest = manifest

    def _tell(self, done: int, total: int) -> None:
        self.told.append((done, total))


@pytest_asyncio.fixture
async def reader(server: ZoteroServer, tmp_path: Path) -> AsyncIterator[Reader]:
    yield Reader(server, BlobStore(str(tmp_path)))


async def test_objects_become_the_items_that_an_export_of_them_holds(
    server: ZoteroServer, reader: Reader, read_items: Callable[..., list[Item]]
) -> None:
    server.collect("COLL2345", "Harbour")
    server.collect("COLL2346", "Cranes", "COLL2345")
    server.put(
        "ITEM2345",
        title="Container <i>cranes</i>",
        creators=[
            {"creatorType": "author", "firstName": "Ada", "lastName": "Example"},
            {"creatorType": "author", "name": "Harbour Group"},
        ],
        date="2019-03",
        DOI="10.5555/CRANES",
        ISSN="1234-567x",
        publicationTitle="Journal of Examples",
        volume="7",
        issue="2",
        pages="1-9",
        abstractNote="Cranes lift.",
        collections=["COLL2346"],
        tags=[{"tag": "cranes", "type": 1}],
    )
    server.put("NOTE2345", "note", parentItem="ITEM2345", note="<p>Read this.</p>", tags=[{"tag": "cranes"}])
    server.attach("FILE2345", b"%PDF-1.4 cranes", parent="ITEM2345")
    server.put("ANNO2345", "annotation", parentItem="FILE2345", annotationText="lift")
    [item] = await reader.read()
    [exported] = read_items(
        """<bib:Article rdf:about="#item_1">
            <z:itemType>journalArticle</z:itemType>
            <dcterms:isPartOf><bib:Journal>
                <prism:volume>7</prism:volume><dc:title>Journal of Examples</dc:title>
                <prism:number>2</prism:number><dc:identifier>ISSN 1234-567x</dc:identifier>
                <dc:identifier>DOI 10.5555/CRANES</dc:identifier></bib:Journal></dcterms:isPartOf>
            <bib:authors><rdf:Seq>
                <rdf:li><foaf:Person><foaf:surname>Example</foaf:surname>
                    <foaf:givenName>Ada</foaf:givenName></foaf:Person></rdf:li>
                <rdf:li><foaf:Person><foaf:surname>Harbour Group</foaf:surname></foaf:Person></rdf:li>
            </rdf:Seq></bib:authors>
            <dcterms:isReferencedBy rdf:resource="#note"/><link:link rdf:resource="#file"/>
            <dc:subject><z:AutomaticTag><rdf:value>cranes</rdf:value></z:AutomaticTag></dc:subject>
            <dc:title>Container &lt;i&gt;cranes&lt;/i&gt;</dc:title>
            <dc:date>2019-03</dc:date><bib:pages>1-9</bib:pages><dcterms:abstract>Cranes lift.</dcterms:abstract>
        </bib:Article>
        <bib:Memo rdf:about="#note"><rdf:value>&lt;p&gt;Read this.&lt;/p&gt;</rdf:value>
            <dc:subject>cranes</dc:subject></bib:Memo>
        <z:Attachment rdf:about="#file"><z:itemType>attachment</z:itemType>
            <rdf:resource rdf:resource="files/1/paper.pdf"/><dc:title>Full Text PDF</dc:title>
            <link:type>application/pdf</link:type></z:Attachment>
        <z:Collection rdf:about="#collection_1"><dc:title>Harbour</dc:title>
            <dcterms:hasPart rdf:resource="#collection_2"/></z:Collection>
        <z:Collection rdf:about="#collection_2"><dc:title>Cranes</dc:title>
            <dcterms:hasPart rdf:resource="#item_1"/></z:Collection>""",
        {"files/1/paper.pdf": item.attachments[0].sha256 or ""},
    )
    same = exported.model_dump() | {"key": item.key, "attachments": item.model_dump()["attachments"]}
    assert item.model_dump() == same
    assert document_identity(item) == document_identity(exported)
    assert item.attachments[0].sha256 == exported.attachments[0].sha256


async def test_a_library_that_has_not_changed_costs_one_request(server: ZoteroServer, reader: Reader) -> None:
    for number in range(120):
        server.put(f"ITEM{number:04}", title=f"Work {number}")
    server.attach("FILE2345", b"%PDF-1.4", parent="ITEM0001")
    first = await reader.read()
    assert (len(first), len(server.asked)) == (120, 7), "versions, collections, three times fifty, file, storage"
    manifest = reader.manifest
    assert await reader.asked_while_reading() == [
        f"items?format=versions&since={server.version}&includeTrashed=1",
    ]
    assert reader.manifest == manifest


async def test_only_what_changed_is_asked_for_again(server: ZoteroServer, reader: Reader) -> None:
    for number in range(4):
        server.put(f"ITEM{number:04}", title=f"Work {number}")
        server.attach(f"FILE{number:04}", b"%%PDF-1.4 %d" % number, parent=f"ITEM{number:04}")
    server.collect("COLL2345", "Harbour")
    await reader.read()
    since = server.version
    server.put("ITEM0000", title="Work 0, revised", collections=["COLL2345"])
    server.put("ITEM0001", deleted=1)
    server.delete("ITEM0002")
    server.delete("FILE0002")
    server.put("ITEM0004", title="Work 4")
    server.put("FILE0003", "attachment", title="Renamed")
    asked = await reader.asked_while_reading()
    assert asked == [
        f"items?format=versions&since={since}&includeTrashed=1",
        f"collections?since={since}&includeTrashed=1&limit=100&start=0",
        f"deleted?since={since}",
        "items?itemKey=FILE0003%2CITEM0000%2CITEM0001%2CITEM0004&includeTrashed=1",
    ]
    items = {item.key: item for item in await reader.read()}
    assert {key: item.title for key, item in items.items()} == {
        "ITEM0000": "Work 0, revised",
        "ITEM0003": "Work 3",
        "ITEM0004": "Work 4",
    }
    assert items["ITEM0000"].collections == (("Harbour",),)
    assert (items["ITEM0003"].attachments[0].title, items["ITEM0003"].attachments[0].size) == ("Renamed", 10)
    incremental = list(items.values())
    reader.manifest = None
    assert await reader.read() == incremental


async def test_lists_are_read_to_their_end_and_anew_where_the_library_changes_meanwhile(
    server: ZoteroServer, reader: Reader
) -> None:
    server.page = 3
    for number in range(8):
        server.collect(f"COLL{number:04}", f"Shelf {number}")
    server.put("ITEM2345", title="Work", collections=["COLL0000", "COLL0007"])

    def change(target: str) -> None:
        if "start=3" in target and server.version < 100:
            server.version = 100
            server.collect("COLL0008", "Late")

    server.before = change
    [item] = await reader.read()
    assert item.collections == (("Shelf 0",), ("Shelf 7",))
    assert sum("start=0" in target for target in server.asked) == 2


async def test_what_asks_for_a_short_wait_is_waited_for(server: ZoteroServer, reader: Reader) -> None:
    server.put("ITEM2345", title="Work")
    server.refuse("format=versions", 429, {"Retry-After": "0.05"})
    server.refuse("collections", 503, {"Retry-After": "0.05"})
    assert len(await reader.read()) == 1


@pytest.mark.parametrize(
    ("status", "headers", "code", "wait"),
    [
        (429, {"Retry-After": "40"}, "zotero_busy", 40),
        (429, {}, "zotero_busy", 30),
        (503, {"Retry-After": "120"}, "zotero_unavailable", 120),
        (500, {}, "zotero_unavailable", None),
        (412, {}, "zotero_unavailable", None),
        (400, {}, "zotero_refused", None),
        (302, {"Location": "http://127.0.0.1:9/elsewhere"}, "zotero_refused", None),
        (404, {}, "library_not_found", None),
        (403, {}, "credential_needed", None),
    ],
)
async def test_refusals_are_told_apart(
    server: ZoteroServer, reader: Reader, status: int, headers: dict[str, str], code: str, wait: int | None
) -> None:
    server.refuse("items", status, headers)
    with pytest.raises(LongshoreError) as refused:
        await reader.read()
    assert refused.value.code == code
    passing = code in ("zotero_busy", "zotero_unavailable")
    assert isinstance(refused.value, InvalidSource) is not passing
    assert getattr(refused.value, "retry_after_s", None) == wait


async def test_an_attempt_that_is_sent_away_is_gone_on_with(server: ZoteroServer, reader: Reader) -> None:
    for number in range(120):
        server.put(f"ITEM{number:04}", title=f"Work {number}")
    server.answers.append(("ITEM0000", _backing_off(server)))
    with pytest.raises(ComeBackLater) as refused:
        await reader.read()
    assert (refused.value.code, round(refused.value.retry_after_s)) == ("zotero_busy", 60)
    asked = await reader.asked_while_reading()
    assert [target for target in asked if "itemKey" in target] == [
        f"items?itemKey={'%2C'.join(f'ITEM{number:04}' for number in numbers)}&includeTrashed=1"
        for numbers in (range(50, 100), range(100, 120))
    ]
    assert len(await reader.read()) == 120


def _backing_off(server: ZoteroServer) -> Answer:
    first = server.answer(f"/{server.library}/items?itemKey={','.join(f'ITEM{number:04}' for number in range(50))}", {})
    first.headers = {**first.headers, "Backoff": "60"}
    return first


async def test_files_come_from_storage_and_the_key_does_not_go_there(server: ZoteroServer, reader: Reader) -> None:
    server.key = "not-a-real-key"
    reader.account = Account("harbour", "not-a-real-key")
    server.attach("FILE2345", b"%PDF-1.4 alone", title="Tide tables")
    [item] = await reader.read()
    assert (item.kind, item.title, item.attachments[0].size) == ("attachment", "Tide tables", 14)
    assert dict(server.keys_seen)["/storage/FILE2345"] is None
    assert dict(server.keys_seen)[f"/{server.library}/items/FILE2345/file"] == "not-a-real-key"
    assert "not-a-real-key" not in repr(reader.account)


async def test_a_key_that_is_not_known_says_whose_it_is_and_does_not_say_it(
    server: ZoteroServer, reader: Reader
) -> None:
    server.key = "not-a-real-key"
    reader.account = Account("harbour", "an-old-key")
    with pytest.raises(InvalidSource) as refused:
        await reader.read()
    assert refused.value.code == "credential_refused"
    assert "'harbour'" in str(refused.value)
    assert "an-old-key" not in f"{refused.value} {refused.value.hint}"


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2:{port}/storage/{{key}}",
        "https://localhost/storage/{{key}}",
        "https://user:pass@127.0.0.1/storage/{{key}}",
        "ftp://127.0.0.1/storage/{{key}}",
        "file:///etc/hostname",
        "https://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:{port}/groups/456/items/{{key}}/file",
    ],
)
async def test_redirects_lead_to_no_place_that_is_not_public(server: ZoteroServer, reader: Reader, target: str) -> None:
    server.attach("FILE2345", b"%PDF-1.4")
    server.redirect = target.format(port=server.port)
    [item] = await reader.read()
    assert (item.attachments[0].sha256, item.attachments[0].missing) == (None, "refused_redirect")


async def test_files_that_are_not_to_be_had_say_why_and_are_not_asked_for_again(
    server: ZoteroServer, reader: Reader
) -> None:
    server.attach("FILE0001", None, "gone.pdf")
    server.attach("FILE0002", b"%PDF-1.4 " + b"x" * 2_000_000, "large.pdf")
    server.attach("FILE0003", b"no zip", "page.html", linkMode="imported_url")
    server.packed.add("FILE0003")
    server.put("FILE0004", "attachment", linkMode="linked_file", path="/srv/somebody/tides.pdf", title="Tides")
    server.put("FILE0005", "attachment", linkMode="linked_url", url="https://example.org/tides", title="A page")
    files = [item.attachments[0] for item in await reader.read()]
    assert [(file.path, file.sha256, file.missing) for file in files] == [
        ("gone.pdf", None, "missing_file"),
        ("large.pdf", None, "too_large"),
        ("page.html", None, "corrupt"),
        ("tides.pdf", None, "linked_file"),
        (None, None, None),
    ]
    assert reader.told == [(0, 3), (1, 3), (2, 3)]
    assert len(await reader.asked_while_reading()) == 1


async def test_storage_that_is_busy_is_waited_for_and_one_that_refuses_is_not(
    server: ZoteroServer, reader: Reader
) -> None:
    server.attach("FILE0001", b"%PDF-1.4 one")
    server.attach("FILE0002", b"%PDF-1.4 two")
    server.refuse("FILE0001/file", 429, {"Retry-After": "0.05"})
    server.refuse("storage/FILE0001", 503, {"Retry-After": "0.05"})
    server.refuse("storage/FILE0002", 400)
    assert [item.attachments[0].missing for item in await reader.read()] == [None, "missing_file"]
    server.attach("FILE0003", b"%PDF-1.4 three")
    server.refuse("storage/FILE0003", 500)
    with pytest.raises(LongshoreError) as refused:
        await reader.read()
    assert refused.value.code == "zotero_unavailable"
    assert (await reader.read())[2].attachments[0].sha256 is not None


async def test_files_that_are_for_members_only_are_left_out_and_asked_for_once(
    server: ZoteroServer, reader: Reader
) -> None:
    for number in range(3):
        server.attach(f"FILE{number:04}", b"%PDF-1.4")
    server.refuse("/file", 403, times=2)
    for _ in range(2):
        assert [item.attachments[0].missing for item in await reader.read()] == ["forbidden_file"] * 3
    assert sum("/file" in target for target in server.asked) == 2
    assert [item.attachments[0].missing for item in await reader.read()] == [None] * 3


async def test_what_has_not_the_form_that_it_should_have_is_passed_over(server: ZoteroServer, reader: Reader) -> None:
    server.put(
        "ITEM2345",
        title="Tides\0 and \ud800cranes",
        tags=[{"tag": "ships"}, "cranes", {"tag": 7}, None],
        creators={"lastName": "Example"},
        collections=[["COLL2345"], "COLL2346", 5],
        date=2019,
        relations={"dc:relation": ["elsewhere"]},
    )
    server.put("ITEM2346", title=["no", "title"], parentItem=False)
    server.collections["COLL2346"] = {"key": "COLL2346", "version": 11, "data": {"name": 5, "parentCollection": []}}
    server.attach("FILE2345", b"%PDF-1.4", "../../up/tides.pdf", parent="ITEM2345")
    work, other = await reader.read()
    assert (work.title, work.date, work.creators, work.collections) == ("Tides and ?cranes", "2019", (), (("5",),))
    assert [tag.name for tag in work.tags] == ["7", "ships"]
    assert work.attachments[0].path == "tides.pdf"
    assert (other.title, other.kind) == ("", "entry")
    server.items["TOO-LONG-A-KEY"] = {"key": "TOO-LONG-A-KEY", "version": 99, "data": {}}
    server.version = 99
    with pytest.raises(LongshoreError, match="none that can be used"):
        await reader.read()


async def test_a_collection_that_is_not_there_is_no_empty_library(server: ZoteroServer, reader: Reader) -> None:
    server.put("ITEM2345", title="Work")
    with pytest.raises(InvalidSource) as refused:
        await reader.read(Wanted(collection="COLL2345"))
    assert refused.value.code == "collection_not_found"


async def test_of_a_packed_snapshot_the_page_is_taken(server: ZoteroServer, reader: Reader) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("style.css", "p {}")
        archive.writestr("page.html", "<p>Tides</p>")
    server.attach("FILE2345", packed.getvalue(), "page.html", linkMode="imported_url", contentType="text/html")
    server.packed.add("FILE2345")
    [item] = await reader.read()
    assert item.attachments[0].sha256 is not None
    assert await reader.blobs.read(PROJECT, item.attachments[0].sha256) == b"<p>Tides</p>"


async def test_files_of_what_is_not_chosen_are_not_fetched_until_it_is(server: ZoteroServer, reader: Reader) -> None:
    server.collect("COLL2345", "Harbour")
    server.collect("COLL2346", "Cranes", "COLL2345")
    server.put("ITEM0001", title="In a collection", collections=["COLL2346"])
    server.put("ITEM0002", "book", title="Elsewhere", tags=[{"tag": "tides"}])
    server.attach("FILE0001", b"%PDF-1.4 one", parent="ITEM0001")
    server.attach("FILE0002", b"%PDF-1.4 two", parent="ITEM0002")
    [item] = await reader.read(Wanted(collection="COLL2345"))
    assert (item.title, item.collections) == ("In a collection", (("Harbour", "Cranes"),))
    assert [target for target in server.asked if "/file" in target] == [f"/{server.library}/items/FILE0001/file"]
    asked = await reader.asked_while_reading(Wanted(choice=Choice(tags=("Tides",), item_types=("book",))))
    assert asked[1:] == ["items/FILE0002/file", "/storage/FILE0002"]


@pytest.mark.parametrize(
    ("text", "library", "collection"),
    [
        ("zotero://groups/456", "groups/456", None),
        ("zotero://users/123/", "users/123", None),
        ("zotero://select/groups/456/collections/ABCD2345", "groups/456", "ABCD2345"),
        ("https://www.zotero.org/groups/456", "groups/456", None),
        ("https://www.zotero.org/groups/456/harbour_engineering/library", "groups/456", None),
        ("https://zotero.org/groups/456/harbour/collections/ABCD2345/collection", "groups/456", "ABCD2345"),
        ("https://www.zotero.org/groups/456/harbour/items/ABCD2346/item-list", "groups/456", None),
        ("groups/456", "groups/456", None),
    ],
)
def test_addresses_under_which_libraries_are_known(text: str, library: str, collection: str | None) -> None:
    place = parse_place(text)
    assert (place.library, place.collection) == (library, collection)


@pytest.mark.parametrize(
    "text", ["zotero://groups/0", "https://www.zotero.org/somebody/library", "zotero://groups/4/../5", "groups/4?x=1"]
)
def test_other_addresses_are_refused_with_those_to_use(text: str) -> None:
    with pytest.raises(InvalidSource) as refused:
        parse_place(text)
    assert (refused.value.code, "zotero://groups/NUMBER" in refused.value.hint) == ("bad_library", True)
