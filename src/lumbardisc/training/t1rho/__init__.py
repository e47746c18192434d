"""T1rho estimated from routine T1 and T2 images: matched exams, crops of their discs, the loop, and the phases."""
