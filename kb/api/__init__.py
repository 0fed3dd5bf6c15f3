"""The dataset for programs: read-only JSON over the tables of kb/exports."""
