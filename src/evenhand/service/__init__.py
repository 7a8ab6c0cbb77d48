"""The one call that every door makes, and the gate before it. No HTTP here."""
