"""What is kept: decisions, contents, keys, feedback and audit rows. The only room that knows SQL."""
