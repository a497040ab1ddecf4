-- What one provider did in the place of another that was away: kept apart, so that it can be told and done again.

-- Passages for which a project shows what another language model answered than the one that it names.
create table fallback_answers (
    project        text not null references projects on delete cascade,
    text_hash      uuid not null,
    instead_of     text not null,               -- whose answer it stands in for, as `model/prompt`
    model          text not null,
    prompt_version text not null,
    import_id      text not null,               -- the import that asked for it
    primary key (project, text_hash, instead_of),
    foreign key (text_hash, model, prompt_version) references llm_answers on delete cascade
);
create index fallback_answers_by_answer on fallback_answers (text_hash, model, prompt_version);
create index fallback_answers_by_import on fallback_answers (project, import_id);
create index llm_answers_failed on llm_answers (model, prompt_version, text_hash) where content is null;

alter table embeddings add column made_by text;    -- the provider, where it was the fallback of another; else null
alter table provider_usage add column passages int not null default 0; -- embedded in the place of another provider

-- What follows from the answers that a project shows: of its extractor's, and where there is none, of the fallback's.
create view shown_facts as
select p.project, f.*, o.text_hash is not null as by_fallback
from facts f cross join projects p
left join fallback_answers o on o.project = p.project and o.text_hash = f.text_hash and o.instead_of = p.facts_by
where f.model || '/' || f.prompt_version = coalesce(o.model || '/' || o.prompt_version, p.facts_by);
