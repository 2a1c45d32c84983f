"""From matches and signals to a decision with its proof. Pure."""
