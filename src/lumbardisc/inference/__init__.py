"""The runtime side of the networks: exported weights, checksums, slices in and classes out. No PyTorch."""
