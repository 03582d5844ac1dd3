"""OAuth 2.0 client credentials: the assertion, the certificate, the token."""
