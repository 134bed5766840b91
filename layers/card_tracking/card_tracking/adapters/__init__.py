"""AWS, D1 and identity providers: the only room that talks to anyone. Each error of theirs is translated here, once."""
