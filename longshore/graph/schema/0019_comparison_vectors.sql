-- What a comparison asks of a search, as a provider embedded it: neither a retry nor another variant of the same model
-- pays for it again. Embeddings (0001) are of passages, and are asked for as such.
create table comparison_vectors (
    project       text not null,
    comparison_id text not null,
    model         text not null,
    purpose       text not null check (purpose in ('document', 'query')),
    text_hash     uuid not null,
    vector        bytea not null,               -- float32, little-endian
    primary key (project, comparison_id, model, purpose, text_hash),
    foreign key (project, comparison_id) references comparisons on delete cascade
);
