"""The OpenAI moderation dialect: what its clients send and expect, and nothing more."""
