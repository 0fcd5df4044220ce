-- Ringing for accounts is one call: who rings holds the account's counter until he commits, and others wait for him.
--
-- A function that is volatile sees with each of its statements what was committed meanwhile. So the look for a job
-- comes after the wait for the counter: whoever ended the job was waited for, and a new one is queued. Where a job is
-- there, nothing is inserted, as PgQueuer tells every worker of an attempt that changes nothing too.
create function ring_accounts(wanted text[]) returns void language plpgsql volatile as $$
begin
    insert into account_wake as w (account_id, seq) select a, 1 from unnest(wanted) as a order by a
        on conflict (account_id) do update set seq = w.seq + 1;
    if exists (select from unnest(wanted) as a where not exists (
            select from pgqueuer q where q.dedupe_key = a and q.status in ('queued', 'picked'))) then
        insert into pgqueuer (priority, entrypoint, payload, dedupe_key, status)
        select 0, 'packline.drain', convert_to(a, 'UTF8'), a, 'queued' from unnest(wanted) as a order by a
            on conflict (dedupe_key) where status in ('queued', 'picked') and dedupe_key is not null do nothing;
    end if;
    perform pg_notify('packline_wake', a) from unnest(wanted) as a;
end $$;

-- Old ones are looked for by their age every ten minutes; they come in its order.
create index inbox_seen_age on inbox_seen using brin (received_at) with (pages_per_range = 16, autosummarize = on);
