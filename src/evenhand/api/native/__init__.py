"""The native dialect: everything that evenhand knows, in its own words."""
