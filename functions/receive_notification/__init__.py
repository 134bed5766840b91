"""D1's callback: an API Gateway event in, one of the answers of the contract out."""
