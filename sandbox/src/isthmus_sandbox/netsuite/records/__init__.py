"""The record API: types, validation, lines, references, storage."""
