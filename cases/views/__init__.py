"""The public pages of cases, and of what cases are sorted by."""
