"""Stock: the ledger's entries and balances, the rules of a seller, and what Amazon is told."""
