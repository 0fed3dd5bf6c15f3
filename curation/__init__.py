"""How a draft becomes public and how it goes: reviews, releases, withdrawals, log."""
