"""Easy Ship over Seller Central: the Orders, Easy Ship, Feeds, Reports and Listings Items APIs."""
