-- What people call a project; its key stays.
alter table projects add column name text;

-- A key that was used before is found whichever source it was used for.
create index imports_by_idempotency_key on imports (project, (submission->>'idempotency_key'))
    where submission->>'idempotency_key' is not null;

create index imports_by_closing on imports (closed_at desc) where closed_at is not null;
create index imports_open on imports (opened_at desc) where outcome is null;
