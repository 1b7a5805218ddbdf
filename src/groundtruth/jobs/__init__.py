"""What runs as a process of its own: started by a chapter, by hand, or by Slurm; and how several are started."""
