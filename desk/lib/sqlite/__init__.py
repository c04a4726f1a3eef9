"""SQLite with one writer at a time in a process."""
