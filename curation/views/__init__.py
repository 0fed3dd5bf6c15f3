"""The desk’s own screens."""
