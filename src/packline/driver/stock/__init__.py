"""Stock: what Amazon is told of quantities, under the account's owner."""
