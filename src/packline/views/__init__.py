"""Reads for the faces (API, console, command line): SQL to plain rows; nothing here writes."""
