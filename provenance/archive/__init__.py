"""Where references and sightings live, and where look-up happens. The only room that speaks SQL."""
