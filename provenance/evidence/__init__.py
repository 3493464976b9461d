"""What a file and its post say of when and where: dates, places, capture times."""
