"""From classes of voxels to ordered, named structures: discs, bodies, sacrum, canal, the mid-sagittal slice."""
