"""T1rho values and degeneration phases learnt from boxes on routine images (Li 2024): data, regression, classifier."""
