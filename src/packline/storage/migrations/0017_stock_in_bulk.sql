-- Entries that are copied in leave out what they do not change.
alter table stock_entry
    alter column on_hand set default 0,
    alter column reserved set default 0,
    alter column picked set default 0,
    alter column labelled set default 0,
    alter column unsellable set default 0;

-- Whether anything of a pool is sold at all.
create index stock_offer_of_pool on stock_offer (pool);
