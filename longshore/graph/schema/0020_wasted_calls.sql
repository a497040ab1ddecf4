-- Calls that came to nothing: what they took is paid all the same, and one that was to find out may be made again.

alter table provider_usage add column wasted_tokens bigint not null default 0; -- of answers that could not be used
alter table provider_usage add column wasted_cost numeric not null default 0;
drop index provider_usage_by_time;
create index provider_usage_by_time on provider_usage (provider, begun_at) include (tokens, wasted_tokens);

alter table provider_gates add column knocked_by text;  -- the request that finds out: its next attempt goes ahead too
