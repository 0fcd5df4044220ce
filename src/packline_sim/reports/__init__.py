"""The Reports API 2021-06-30: documents that Amazon makes, once or again and again."""
