"""The architectures (PyTorch only)."""
