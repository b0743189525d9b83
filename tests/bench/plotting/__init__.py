"""The plot, with requirements of its own."""
