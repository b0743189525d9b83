"""SAML messages: read what others say, write what we say. It knows no database."""
