-- Who may call the API. Of a key only its digest is kept, so that nobody can take one from here.
create table api_keys (
    key_id       text primary key,
    name         text not null,
    digest       bytea not null check (length(digest) = 32),   -- SHA-256 of the whole key
    last4        text not null,
    scope        text not null check (scope in ('read', 'write', 'admin')),
    projects     text[],                        -- null: all, also those that do not exist yet
    created_at   timestamptz not null default now(),
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz
);
