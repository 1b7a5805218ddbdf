"""Milestones of deep learning from 1943 to 2015, each as code that runs in about a minute."""
