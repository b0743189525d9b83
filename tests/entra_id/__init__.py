"""A stand-in for Microsoft Entra ID: it talks HTTP to a running product, and to nothing else of it."""
