"""The servers that the product is compared with, set up as their own documentation says."""
