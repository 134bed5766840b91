"""D1's notifications read tolerantly, and our own documents and messages: text in, domain out, and back."""
