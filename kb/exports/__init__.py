"""The dataset: its tables, and the files that are made of them."""
