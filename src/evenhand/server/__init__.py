"""Where the parts are put together, and what surrounds every request."""
