"""The console: pages for the packer, the operator and the engineer, rendered here and kept up by server-sent events."""
