"""Cases as folds over events, the chain and tree that prove them. Pure."""
