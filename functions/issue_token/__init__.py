"""D1 fetches an access token: client credentials in, a short-lived token out."""
