-- What was printed, by whom and as which copy; the joined files for as long as a printer needs them.
alter table package_label add column prints integer not null default 0, add column printed_at timestamptz;

create table print (
    id text primary key,
    created_at timestamptz not null,
    by_whom text not null,
    accounts text[] not null,
    locations text[] not null,
    form text not null,
    paper text not null,
    sorted text not null,
    reversed boolean not null,
    printed integer not null,
    reprinted integer not null,
    refused bytea not null
);
create index print_newest on print (created_at desc, id desc);

create table print_item (
    print_id text not null references print on delete cascade,
    kind text not null,
    place integer not null,
    shipment_id text not null,
    package_id text not null,
    tracking_id text not null,
    sha256 text not null,
    copy integer not null,
    primary key (print_id, kind, place)
);
create index print_item_of_shipment on print_item (shipment_id, kind);

create table print_file (
    print_id text not null references print on delete cascade,
    kind text not null,
    name text not null,
    media_type text not null,
    size integer not null,
    until timestamptz not null,
    content bytea,
    primary key (print_id, kind)
);
alter table print_file alter column content set storage external;
create index print_file_over on print_file (until) where content is not null;
