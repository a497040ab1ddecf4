-- What language models said of passages: kept once, by content, for two answers to one question may differ.

alter table projects add column extractor text;    -- of its next imports: `offline`, or a name of providers.toml
alter table projects add column facts_by text;     -- whose answers it shows, as `model/prompt`; null: none
alter table projects add column facts_linked text; -- whose its graph is made of
alter table imports add column extractor text;     -- null: offline

create table llm_answers (
    text_hash      uuid not null,
    model          text not null,
    prompt_version text not null,
    content        text,                        -- as it came; null: none came that could be used
    failure        text,                        -- why not
    provider       text not null,
    answered_by    text not null default '',    -- the model's name in the answer
    tokens_in      bigint not null default 0,
    tokens_out     bigint not null default 0,
    answered_at    timestamptz not null default now(),
    primary key (text_hash, model, prompt_version),
    check ((content is null) = (failure is not null))
);

-- What follows from an answer: the nodes and edges that the passage states, each with the words that say so.
create table facts (
    text_hash      uuid not null,
    model          text not null,
    prompt_version text not null,
    subject_id     uuid not null,               -- of the node or the edge
    kind           text not null,
    key            text,                        -- of a node
    name           text,
    source_id      uuid,                        -- of an edge
    target_id      uuid,
    start_offset   int not null,                -- in the passage
    end_offset     int not null,
    primary key (text_hash, model, prompt_version, subject_id),
    foreign key (text_hash, model, prompt_version) references llm_answers on delete cascade,
    check ((key is null) = (source_id is not null))
);
create index facts_by_subject on facts (subject_id);
