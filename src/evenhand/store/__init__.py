"""What is kept: decisions, contents, keys, feedback and the audit rows. The only room that knows SQL."""
