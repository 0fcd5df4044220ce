"""The Feeds API 2021-06-30: documents that are uploaded, and the work that Amazon does with them."""
