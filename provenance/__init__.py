"""Has this circulating photo been seen before? When, where, and does that contradict the post?"""

__version__ = "0.1.0"
