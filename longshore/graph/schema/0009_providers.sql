-- Imports use providers: which embedder a project has, what providers asked for, and what they are paid.

alter table projects add column embedder text;         -- what its next imports use: `offline`, or a name of providers.toml
alter table projects add column index_embedder text;   -- what search uses: that of the newest complete index; null: offline
alter table projects add column index_model text;      -- and what its vectors are kept under
update projects set embedder = 'offline';
alter table imports add column embedder text;          -- null: offline

-- One row for each provider that ever refused, passed by all workers; `provider` is the head of its table.
create table provider_gates (
    provider     text primary key,
    closed_until timestamptz,                   -- null: open
    code         text,                          -- why it is closed
    message      text not null default '',
    for_operator boolean not null default false,
    knocking     boolean not null default false, -- one call is under way that finds out, until closed_until at most
    failures     int not null default 0,        -- in a row
    refused_at   timestamptz                    -- when the last refusal came to a call that could not expect it
);

-- What each request took; estimated while it is under way, so that those that follow do not pass a budget together.
create table provider_usage (
    project   text not null,
    import_id text not null,
    provider  text not null,
    request   text not null,
    tokens    bigint not null,
    cost      numeric not null default 0,
    answered  boolean not null default false,
    begun_at  timestamptz not null,
    primary key (project, import_id, provider, request),
    foreign key (project, import_id) references imports on delete cascade
);
create index provider_usage_by_time on provider_usage (provider, begun_at);
