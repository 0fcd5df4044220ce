"""The simulator's page: watch the world, move its time, and be the buyer, the carrier and the seller's people in it."""
