-- Comparisons: one source through several pipelines, each into a space of its own beside the project.

alter table projects drop constraint projects_project_check;
alter table projects add constraint projects_project_check check (project ~ '^[a-z0-9-]{1,63}(~[a-z0-9-]{1,60})?$');

-- What was asked for and, once it has closed, how it ended. While it runs its state is the workflow's.
create table comparisons (
    project       text not null references projects on delete cascade,
    comparison_id text not null,
    request       jsonb not null,
    drawn_at      timestamptz,                  -- when the questions were fixed
    outcome       text check (outcome in ('succeeded', 'partially_succeeded', 'failed', 'cancelled')),
    record        jsonb,
    promoted      text,                         -- the variant that the project serves since promoted_at
    promoted_at   timestamptz,
    opened_at     timestamptz not null default now(),
    closed_at     timestamptz,
    primary key (project, comparison_id),
    check ((outcome is null) = (closed_at is null))
);
create index comparisons_by_time on comparisons (project, opened_at desc);

-- The same for all variants.
create table comparison_questions (
    project       text not null,
    comparison_id text not null,
    ordinal       int not null,
    question      jsonb not null,
    primary key (project, comparison_id, ordinal),
    foreign key (project, comparison_id) references comparisons on delete cascade
);

create table comparison_measures (
    project       text not null,
    comparison_id text not null,
    variant       text not null,
    step          text not null,
    measures      jsonb not null,
    measured_at   timestamptz not null default now(),
    primary key (project, comparison_id, variant, step),
    foreign key (project, comparison_id) references comparisons on delete cascade
);
