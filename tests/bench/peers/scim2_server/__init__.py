"""scim2-server over its own in-memory storage."""
