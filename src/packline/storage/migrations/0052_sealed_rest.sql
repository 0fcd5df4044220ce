-- Parked records are encrypted and erased as raw answers are. What lists need of their bytes is kept beside them.
alter table parked
    add column size integer,
    add column head bytea,
    add column is_open boolean not null default true,
    add column erased_at timestamptz;
create index parked_open on parked (id) where is_open;
create index parked_erasable on parked (created_at) where erased_at is null;
-- Photos of returns show labels: they are encrypted and erased from now on as other documents are, and so is whatever
-- belonged to no shipment when it was looked at.
update document set is_open = true where not is_open and erased_at is null and head is null;
create index return_photo_content on return_photo (sha256);
