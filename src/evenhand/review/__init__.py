"""What reviewers do: sign in, take cases, rule on them. No HTTP here."""
