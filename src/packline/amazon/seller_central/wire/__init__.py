"""What Amazon sends, field by field: Orders 2026-01-01 and v0, Easy Ship 2022-03-23, Feeds and Reports 2021-06-30.

Liberal in what is read: every field may be missing or null, unknown fields are skipped, an enumeration is any text in
any letter case (`parts.flat` compares), a number may come as text and the other way round.
"""
