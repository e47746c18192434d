"""Whether groups of scores differ: tests, their correction, letters that tell the groups apart, box plots."""
