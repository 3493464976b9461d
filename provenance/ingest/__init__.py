"""Folders and lists -> submissions, and what posts claim of their photos."""
