"""The desk’s own screens, and where they stand in its menu."""
