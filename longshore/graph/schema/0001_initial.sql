-- Keys are deterministic (longshore/ids.py), so that every write can be repeated.

create extension if not exists vector;

create table projects (
    project    text primary key check (project ~ '^[a-z0-9-]{1,63}$'),
    created_at timestamptz not null default now()
);

create table sources (
    project    text not null references projects on delete cascade,
    source_key text not null,
    kind       text not null,
    name       text not null,
    created_at timestamptz not null default now(),
    primary key (project, source_key)
);

-- What an import was asked to do, and, once closed, how it ended. While it runs its state is the workflow's.
create table imports (
    project    text not null,
    import_id  text not null,
    source_key text not null,
    submission jsonb not null,
    aliases    text[] not null default '{}',    -- ids of equal submissions that attached to this one
    attempt    int not null default 1,          -- grows when an operator resets the run
    run_id     text not null,
    manifest   text,                            -- blob that lists what was staged
    planned_at timestamptz,
    outcome    text check (outcome in ('succeeded', 'partially_succeeded', 'failed', 'cancelled')),
    record     jsonb,                           -- the closing record, as the API shows it
    opened_at  timestamptz not null default now(),
    closed_at  timestamptz,
    primary key (project, import_id),
    foreign key (project, source_key) references sources on delete cascade,
    check ((outcome is null) = (closed_at is null))
);
create index imports_by_time on imports (opened_at desc, import_id);
create index imports_by_alias on imports using gin (aliases);

-- The plan and the outcome of an import, a row for every item, and one (change = 'removed') for what has gone.
create table import_items (
    project      text not null,
    import_id    text not null,
    ordinal      int not null,
    item_key     text not null,
    title        text not null,
    change       text not null check (change in ('added', 'changed', 'unchanged', 'duplicate', 'removed')),
    batch        int,                           -- null: nothing to do
    document_id  uuid,
    content_hash text,
    payload      jsonb,                         -- the item as it was read
    state        text not null check (state in ('pending', 'done', 'unchanged', 'skipped', 'failed')),
    code         text,
    detail       text,
    attachments  jsonb not null default '[]',   -- [{path, title, state, code, detail}]
    settled_at   timestamptz,
    primary key (project, import_id, ordinal),
    unique (project, import_id, item_key),
    foreign key (project, import_id) references imports on delete cascade
);
create index import_items_by_batch on import_items (project, import_id, batch);

-- Parsed text, keyed by content: bytes, parser version and chunker settings. Shared by all that bring these bytes.
create table parts (
    project    text not null references projects on delete cascade,
    part_id    uuid not null,
    sha256     text not null,
    code       text,                            -- why there is no text; null when there is
    detail     text,
    title      text,
    pages      int,
    characters int not null default 0,
    cited_dois text[] not null default '{}',
    primary key (project, part_id)
);

create table chunks (
    project      text not null,
    part_id      uuid not null,
    ordinal      int not null,
    start_offset int not null,
    end_offset   int not null,
    page         int,
    text         text not null,
    text_hash    uuid not null,
    lexemes      tsvector not null,
    primary key (project, part_id, ordinal),
    foreign key (project, part_id) references parts on delete cascade
);
create index chunks_by_text on chunks (text_hash);
create index chunks_by_lexeme on chunks using gin (lexemes);

-- A text that has no vector (no known token) keeps a row with null, so that it is not tried again.
create table embeddings (
    text_hash uuid not null,
    model     text not null,
    vector    halfvec,
    primary key (text_hash, model)
);
create index embeddings_wordllama on embeddings using hnsw ((vector::halfvec(256)) halfvec_cosine_ops)
    where model = 'wordllama-l2-supercat-256';

create table extractions (
    project   text not null,
    part_id   uuid not null,
    extractor text not null,
    mentions  jsonb not null,                   -- [{term, surface, count, score}]
    primary key (project, part_id, extractor),
    foreign key (project, part_id) references parts on delete cascade
);

-- Metadata is a function of the items that assert the document, whatever their order of arrival.
create table documents (
    project     text not null references projects on delete cascade,
    document_id uuid not null,
    identity    text not null,
    kind        text not null,
    title       text not null,
    year        int,
    doi         text,
    metadata    jsonb not null,
    primary key (project, document_id)
);
create index documents_by_doi on documents (project, doi) where doi is not null;

-- What each source asserts now.
create table items (
    project      text not null,
    source_key   text not null,
    item_key     text not null,
    document_id  uuid not null,
    content_hash text not null,
    payload      jsonb not null,
    import_id    text not null,
    primary key (project, source_key, item_key),
    foreign key (project, source_key) references sources on delete cascade,
    foreign key (project, document_id) references documents
);
create index items_by_document on items (project, document_id);

-- A document's chunks are those of its parts. A row here is what makes them visible.
create table document_parts (
    project     text not null,
    source_key  text not null,
    item_key    text not null,
    part_id     uuid not null,
    document_id uuid not null,
    kind        text not null check (kind in ('attachment', 'abstract', 'note')),
    label       text not null,                  -- the file's path or the note's place
    primary key (project, source_key, item_key, part_id),
    foreign key (project, source_key, item_key) references items on delete cascade,
    foreign key (project, part_id) references parts
);
create index document_parts_by_document on document_parts (project, document_id);
create index document_parts_by_part on document_parts (project, part_id);

create table nodes (
    project text not null references projects on delete cascade,
    node_id uuid not null,
    kind    text not null,
    key     text not null,
    name    text not null,
    primary key (project, node_id)
);
create index nodes_by_kind on nodes (project, kind, key);

-- Ends are nodes or documents.
create table edges (
    project   text not null references projects on delete cascade,
    edge_id   uuid not null,
    kind      text not null,
    source_id uuid not null,
    target_id uuid not null,
    weight    real,
    primary key (project, edge_id)
);
create index edges_by_source on edges (project, source_id, kind);
create index edges_by_target on edges (project, target_id, kind);

-- Who says so. `origin` is the asserting item, or the linking step that derived it.
create table provenance (
    project     text not null references projects on delete cascade,
    subject_id  uuid not null,                  -- a node or an edge
    document_id uuid not null,
    origin      text not null,
    primary key (project, subject_id, document_id, origin)
);
create index provenance_by_document on provenance (project, document_id);
create index provenance_by_origin on provenance (project, origin);

-- Which concept a term means, over all terms of the project.
create table concept_terms (
    project text not null references projects on delete cascade,
    term    text not null,
    node_id uuid not null,
    key     text not null,
    name    text not null,
    primary key (project, term)
);
create index concept_terms_by_node on concept_terms (project, node_id);

-- Where a document lies as a whole: eight bits a dimension, so that distances are exact integers on every machine.
create table document_vectors (
    project     text not null,
    document_id uuid not null,
    model       text not null,
    vector      bytea not null,
    primary key (project, document_id, model),
    foreign key (project, document_id) references documents on delete cascade
);
