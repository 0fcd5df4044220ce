-- Calls that ended in one way, such as 503: few among many that failed, or none at all. Calls that succeeded pay nothing.
create index call_of_status on call (status, at desc) where status not between 200 and 299;
