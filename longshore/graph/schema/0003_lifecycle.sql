-- What undoing, removing and telling others need.

-- What an item asserted before an import replaced or retired it; undoing that import puts it back.
create table item_versions (
    project      text not null,
    source_key   text not null,
    item_key     text not null,
    replaced_by  text not null,                 -- the import that did so
    document_id  uuid not null,
    content_hash text not null,
    payload      jsonb not null,
    import_id    text not null,                 -- the import that had asserted it
    primary key (project, source_key, item_key, replaced_by),
    foreign key (project, source_key) references sources on delete cascade
);
create index item_versions_by_import on item_versions (project, replaced_by);

-- A removed source keeps its records; importing it again brings it back.
alter table sources add column removed_at timestamptz;

-- Set from the first moment of a project's deletion: nothing may be imported into it any more.
alter table projects add column deleting_at timestamptz;

-- Signing secrets are derived from the installation's key and the id, and are not kept.
create table webhooks (
    project    text not null references projects on delete cascade,
    webhook_id text not null,
    url        text not null,
    events     text[] not null,
    created_at timestamptz not null default now(),
    primary key (project, webhook_id)
);
