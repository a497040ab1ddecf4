"""The vocabulary of Zotero's RDF, in lxml's Clark notation."""

from __future__ import annotations

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_Z = "{http://www.zotero.org/namespaces/export#}"
_BIB = "{http://purl.org/net/biblio#}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_DCTERMS = "{http://purl.org/dc/terms/}"
_FOAF = "{http://xmlns.com/foaf/0.1/}"
_LINK = "{http://purl.org/rss/1.0/modules/link/}"
_PRISM = "{http://prismstandard.org/namespaces/1.2/basic/}"

RDF = _RDF + "RDF"
ABOUT = _RDF + "about"
DESCRIPTION = _RDF + "Description"
RESOURCE = _RDF + "resource"
TYPE = _RDF + "type"
VALUE = _RDF + "value"

ATTACHMENT = _Z + "Attachment"
AUTOMATIC_TAG = _Z + "AutomaticTag"
COLLECTION = _Z + "Collection"
DISPLAY_TITLE = _Z + "displayTitle"
ITEM_TYPE = _Z + "itemType"
KEY = _Z + "key"
LANGUAGE = _Z + "language"
MEETING = _Z + "meetingName"
PATH = _Z + "path"
ARCHIVE_ID = _Z + "archiveID"

CONFERENCE = _BIB + "Conference"
MEMO = _BIB + "Memo"
PAGES = _BIB + "pages"
PART = _BIB + "Part"
PRESENTED_AT = _BIB + "presentedAt"
SERIES = _BIB + "Series"

DATE = _DC + "date"
EXTRA = _DC + "description"
IDENTIFIER = _DC + "identifier"
PUBLISHER = _DC + "publisher"
SUBJECT = _DC + "subject"
TITLE = _DC + "title"

ABSTRACT = _DCTERMS + "abstract"
ALTERNATIVE = _DCTERMS + "alternative"
HAS_PART = _DCTERMS + "hasPart"
ISSUED = _DCTERMS + "issued"
PART_OF = _DCTERMS + "isPartOf"
REFERENCED_BY = _DCTERMS + "isReferencedBy"
URI = _DCTERMS + "URI"

GIVEN_NAMES = (_FOAF + "givenName", _FOAF + "givenname")
NAME = _FOAF + "name"
PERSON = _FOAF + "Person"
SURNAME = _FOAF + "surname"

LINK = _LINK + "link"
MEDIA_TYPE = _LINK + "type"

ISSUE = _PRISM + "number"
VOLUME = _PRISM + "volume"

TYPES_OF_CLASSES = {
    _BIB + "Article": "journalArticle",
    _BIB + "Book": "book",
    _BIB + "BookSection": "bookSection",
    _BIB + "ConferenceProceedings": "presentation",
    _BIB + "Data": "computerProgram",
    _BIB + "Document": "document",
    _BIB + "Illustration": "artwork",
    _BIB + "Image": "map",
    _BIB + "Interview": "interview",
    _BIB + "Legislation": "statute",
    _BIB + "Letter": "letter",
    _BIB + "Manuscript": "manuscript",
    _BIB + "MotionPicture": "film",
    _BIB + "Patent": "patent",
    _BIB + "Recording": "audioRecording",
    _BIB + "Report": "report",
    _BIB + "Thesis": "thesis",
}
"""What a class means where an exporter leaves `z:itemType` out."""
