"""The pages that people look at, rendered on the server. They translate to and from the service and decide nothing."""
