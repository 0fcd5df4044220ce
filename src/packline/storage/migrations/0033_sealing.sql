-- Raw answers and documents are encrypted soon after they came: not on the hot path of intake, but set by set.
create table sealing (
    name text primary key,
    at timestamptz not null,
    id text not null
);
alter table document add column head bytea;
alter table document add column is_open boolean not null default true;
create index document_open on document (created_at, sha256) where is_open;
