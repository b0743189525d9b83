"""Sign-ins: from the request that begins one to the person, or to the refusal."""
