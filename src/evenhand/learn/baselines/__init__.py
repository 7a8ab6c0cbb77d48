"""Models that new ones are measured against; nothing that serves may use them."""
