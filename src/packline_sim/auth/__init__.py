"""Login with Amazon, locally: applications, authorisations and tokens."""
