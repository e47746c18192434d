"""The MR phantom."""
