"""Papers of Easy Ship orders: labels, invoices and warranty cards, bound into one file as Amazon does."""
