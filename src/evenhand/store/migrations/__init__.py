"""How the tables came to be, one file a step. A step is never changed once it was released."""
