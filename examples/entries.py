"""The RDF of the example library: every kind of entry that a real one has, and what is wrong with some."""

from __future__ import annotations

from examples.dialect import (
    HEAD,
    TAIL,
    attachment,
    collection,
    creators,
    item_type,
    node,
    note,
    publisher,
    reference,
    tags,
    text,
    url,
    within,
)

ALEX, JO = ("Example", "Alex"), ("Placeholder", "Jo")
SAM, ROBIN = ("Sample", "Sam"), ("Specimen", "Robin")
HONG, KIM = ("홍", "길동"), ("김", "예시")
PDF, HTML = "application/pdf", "text/html"
ISSN = "urn:issn:0555-5550"
ISBN = "978-0-555-55001-4"
BLOG = "https://blog.example.org/what-a-progress-bar-owes-its-reader"


def rdf() -> str:
    return "".join(
        (HEAD, _title(), _articles(), _papers(), _books(), _korean(), _troubles(), _loose(), _collections(), TAIL)
    )


def _title() -> str:
    return node("rdf:Description", "", text("dc:title", "Longshore example library"))


def _articles() -> str:
    """Two articles of one journal: the first names the journal's node, the second brings one of its own."""
    journal = text("dc:title", "Journal of Imaginary Systems")
    issn = text("dc:identifier", "ISSN 0555-5550")
    return "".join(
        (
            node(
                "bib:Article",
                "https://journal.example.org/durable",
                item_type("journalArticle"),
                reference("dcterms:isPartOf", ISSN),
                creators("bib:authors", (ALEX, JO)),
                reference("dcterms:isReferencedBy", "#item_301"),
                reference("link:link", "#item_201"),
                tags(("durable execution", "to discuss"), ("Fault tolerance", "Event sourcing")),
                text("dc:title", "Durable Workflows for Research Data: The Event History as Ground Truth"),
                text(
                    "dcterms:abstract",
                    "The progress of an import is derived from an append-only event history, so that an interrupted "
                    "import replays what it has done and goes on with the first step whose result was never recorded.",
                ),
                text("bib:pages", "101-116"),
                text("dc:date", "June 2023"),
                text("z:language", "en"),
                url("https://journal.example.org/durable"),
            ),
            node(
                "bib:Journal",
                ISSN,
                text("prism:volume", "7"),
                journal,
                text("dc:identifier", "DOI 10.5555/longshore.2023.001"),
                text("prism:number", "2"),
                issn,
            ),
            attachment(
                "#item_201", "files/201/Example and Placeholder - 2023 - Durable Workflows.pdf", "Full Text PDF", PDF
            ),
            note(
                "#item_301",
                "<h2>Reading note</h2><p>The <strong>quayside</strong> metaphor is worth stealing: decide on one "
                "side, do on the other. Ask the authors about the 54 interruptions without a cause.</p>",
            ),
            node(
                "bib:Article",
                "#item_102",
                item_type("journalArticle"),
                within(
                    "dcterms:isPartOf",
                    within(
                        "bib:Journal",
                        text("dc:title", "Journal of Imaginary Systems"),
                        text("dc:identifier", "DOI https://doi.org/10.5555/Longshore.2024.002"),
                        text("prism:volume", "8"),
                        text("prism:number", "1"),
                        issn,
                    ),
                ),
                creators("bib:authors", (JO, ALEX)),
                reference("link:link", "#item_202"),
                tags(("rate limits",), ("Backoff", "Token bucket")),
                text("dc:title", "Rate Limits as Shared State: Gates, Buckets and Honest Waiting"),
                text("bib:pages", "3-19"),
                text("dc:date", "2024-02-11"),
                text("z:language", "en"),
            ),
            attachment("#item_202", "files/202/Placeholder and Example - 2024 - Rate Limits.pdf", "PDF", PDF),
        )
    )


def _papers() -> str:
    """What has no class of its own: a conference paper, a preprint; and a second entry with the paper's DOI."""
    return "".join(
        (
            node(
                "rdf:Description",
                "#item_103",
                item_type("conferencePaper"),
                within(
                    "dcterms:isPartOf",
                    within(
                        "bib:Journal",
                        text("dc:title", "Proceedings of Example Days"),
                        text("dc:identifier", "DOI 10.5555/longshore.2023.003"),
                    ),
                ),
                creators("bib:authors", (SAM, JO)),
                creators("bib:editors", (ROBIN,)),
                reference("link:link", "#item_203"),
                tags(("provenance", "knowledge graphs"), ("Entity resolution",)),
                text("dc:title", "Provenance-First Knowledge Graphs"),
                text("dc:date", "2023/09/01"),
                text("bib:pages", "44–52"),
                within("bib:presentedAt", within("bib:Conference", text("dc:title", "Example Days 2023"))),
            ),
            attachment("#item_203", "files/203/Sample and Placeholder - 2023 - Provenance.pdf", "PDF", PDF),
            node(
                "rdf:Description",
                "http://arxiv.org/abs/2499.00001",
                item_type("preprint"),
                publisher("arXiv"),
                creators("bib:authors", (ALEX,)),
                reference("link:link", "#item_204"),
                tags(("retrieval",), ("Computer Science - Information Retrieval",)),
                text("dc:title", "Hybrid Retrieval with <i>Static</i> Embeddings on Small Machines"),
                text("dcterms:abstract", "How far semantic search can go without a graphics card or a network."),
                text("dc:date", "2024-05-30"),
                text("z:shortTitle", "Hybrid Retrieval"),
                url("http://arxiv.org/abs/2499.00001"),
                text("dc:description", "arXiv:2499.00001 [cs]"),
                text("prism:number", "arXiv:2499.00001"),
                text("dc:identifier", "DOI 10.48550/arXiv.2499.00001"),
            ),
            attachment("#item_204", "files/204/Example - 2024 - Hybrid Retrieval.pdf", "Preprint PDF", PDF),
            node(
                "bib:Article",
                "#item_108",
                item_type("journalArticle"),
                within(
                    "dcterms:isPartOf", within("bib:Journal", text("dc:identifier", "DOI 10.5555/LONGSHORE.2023.003"))
                ),
                creators("bib:authors", (SAM, JO)),
                reference("link:link", "#item_208"),
                tags((), ("provenance",)),
                text("dc:title", "Provenance-first knowledge graphs."),
                text("dc:date", "2023"),
            ),
            attachment("#item_208", "files/208/Full Text.pdf", "Full Text", PDF),
        )
    )


def _books() -> str:
    return "".join(
        (
            node(
                "bib:Book",
                f"urn:isbn:{ISBN}",
                item_type("book"),
                publisher("Example Press"),
                creators("bib:authors", (ROBIN, SAM)),
                creators("z:seriesEditors", (JO,)),
                reference("link:link", "#item_205"),
                tags(("idempotence",)),
                text("dc:title", "Idempotence: A Handbook for Practitioners"),
                text("dc:date", "2021"),
                text("dc:identifier", f"ISBN {ISBN}"),
                text("z:numPages", "212"),
            ),
            attachment("#item_205", "files/205/Idempotence.pdf", "PDF", PDF),
            node(
                "bib:BookSection",
                "#item_106",
                item_type("bookSection"),
                within(
                    "dcterms:isPartOf",
                    within(
                        "bib:Book",
                        text("dc:identifier", f"ISBN {ISBN}"),
                        text("dc:identifier", "DOI 10.5555/longshore.2021.006"),
                        text("dc:title", "Idempotence: A Handbook for Practitioners"),
                    ),
                ),
                publisher("Example Press"),
                creators("bib:authors", (ROBIN,)),
                creators("bib:editors", (SAM,)),
                reference("link:link", "#item_206"),
                tags(("idempotence",), ("Messaging",)),
                text("dc:title", "Exactly-Once Effects from At-Least-Once Delivery"),
                text("dc:date", "2021"),
                text("bib:pages", "87-103"),
            ),
            attachment("#item_206", "files/206/Specimen - 2021 - Exactly-Once “Effects”.pdf", "PDF", PDF),
        )
    )


def _korean() -> str:
    return "".join(
        (
            node(
                "bib:Article",
                "#item_107",
                item_type("journalArticle"),
                within(
                    "dcterms:isPartOf",
                    within(
                        "bib:Journal",
                        text("dc:title", "가상정보학회지"),
                        text("dc:identifier", "DOI 10.5555/longshore.2022.007"),
                        text("prism:volume", "39"),
                        text("prism:number", "4"),
                    ),
                ),
                creators("bib:authors", (HONG, KIM)),
                reference("dcterms:isReferencedBy", "#item_307"),
                reference("link:link", "#item_207"),
                tags(("한국어", "정보 검색"), ("색인",)),
                text("dc:title", "한국어 학술 문헌 검색을 위한 음절 바이그램 색인"),
                text("dc:date", "2022년 12월"),
                text("bib:pages", "55-71"),
                text("z:language", "ko"),
            ),
            attachment("#item_207", "files/207/홍길동 - 2022 - 음절 바이그램 색인.pdf", "원문 PDF", PDF),
            note("#item_307", "<p>형태소 분석기와의 차이가 <em>유의하지 않다</em>는 결과를 인용할 것.</p>"),
            node(
                "bib:Report",
                "#item_113",
                item_type("report"),
                publisher("가상대학교 도서관"),
                creators("bib:authors", (KIM,)),
                reference("link:link", "#item_213"),
                tags(("지식 그래프", "복구")),
                text("dc:title", "중단에 강한 대량 문헌 반입: 어느 도서관의 운영 기록"),
                text("dc:date", "2024년 3월"),
                text("z:language", "ko"),
            ),
            attachment("#item_213", "files/213/Full Text.pdf", "Full Text", PDF),
        )
    )


def _troubles() -> str:
    """An encrypted file, a page without a letter, a file that is not there, and a page of the web."""
    return "".join(
        (
            node(
                "bib:Report",
                "#item_109",
                item_type("report"),
                publisher("Queue Office"),
                creators("bib:authors", (("Queue Office", ""),)),
                reference("link:link", "#item_209"),
                text("dc:title", "Quarterly Notes on Queue Backpressure"),
                text("dc:date", "2022"),
            ),
            attachment("#item_209", "files/209/Backpressure.pdf", "PDF", PDF),
            node(
                "bib:Manuscript",
                "#item_110",
                item_type("manuscript"),
                creators("bib:authors", (("Ingestion Working Group", ""),)),
                reference("link:link", "#item_210"),
                text("dc:title", "Minutes of the Ingestion Working Group"),
                text("dc:date", "14 March 1987"),
            ),
            attachment("#item_210", "files/210/scan0001.pdf", "Scan", PDF),
            node(
                "bib:Article",
                "#item_111",
                item_type("journalArticle"),
                within(
                    "dcterms:isPartOf",
                    within(
                        "bib:Journal",
                        text("dc:title", "Annals of Invented Computing"),
                        text("dc:identifier", "DOI 10.5555/longshore.2020.011"),
                    ),
                ),
                creators("bib:authors", (ROBIN, ALEX)),
                reference("link:link", "#item_211"),
                tags(("checkpoints",)),
                text("dc:title", "Checkpointing Long Batch Jobs"),
                text(
                    "dcterms:abstract",
                    "Checkpoints taken at fixed intervals waste work on quiet days and lose it on busy ones. We place "
                    "them where the cost of repeating the work since the last one exceeds that of writing the next.",
                ),
                text("dc:date", "11/2020"),
            ),
            attachment("#item_211", "files/211/Specimen and Example - 2020 - Checkpointing.pdf", "PDF", PDF),
            node(
                "bib:Document",
                BLOG,
                item_type("blogPost"),
                within("dcterms:isPartOf", within("z:Blog", text("dc:title", "Notes from an Invented Harbour"))),
                creators("bib:authors", (JO,)),
                reference("link:link", "#item_212"),
                tags(("progress bars",)),
                text("dc:title", "What a Progress Bar Owes Its Reader"),
                text("dc:date", "2025-01-09T08:30:00Z"),
                url(BLOG),
                text("dcterms:dateSubmitted", "2025-01-12 10:00:00"),
            ),
            attachment("#item_212", "files/212/what-a-progress-bar-owes-its-reader.html", "Snapshot", HTML, BLOG),
        )
    )


def _loose() -> str:
    """A file and a note that belong to no entry."""
    return attachment("#item_215", "files/215/Full Text.pdf", "A Glossary of Import States", PDF) + note(
        "#item_314",
        "<h1>Questions for the reading group</h1><ul><li>Who closes the gate when two providers share one key?</li>"
        "<li>Is a <em>fencing token</em> needed when every effect is named by its content?</li></ul>",
    )


def _collections() -> str:
    return "".join(
        (
            collection("#collection_1", "Engineering", "#collection_2", "#collection_3", BLOG),
            collection(
                "#collection_2",
                "Durability",
                "https://journal.example.org/durable",
                f"urn:isbn:{ISBN}",
                "#item_106",
                "#item_111",
                "#item_314",
            ),
            collection("#collection_3", "Providers", "#item_102", "#item_109"),
            collection(
                "#collection_4", "Graphs and search", "#collection_5", "#item_103", "http://arxiv.org/abs/2499.00001"
            ),
            collection("#collection_5", "한국어", "#item_107", "#item_113"),
        )
    )
