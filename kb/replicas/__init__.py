"""Reading public pages from streaming replicas of the database."""
