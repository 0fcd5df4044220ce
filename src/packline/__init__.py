"""Connect a seller's own systems with Amazon's seller-fulfilment programs."""
