"""Whom an organization trusts, since when, and who must sign in that way."""
