"""Single sign-on of the stand-in: who asks, who is there, and the pages in between."""
