"""What is done to all borders at once: simpler, smoother, at right angles."""
