"""Command-line tools that make what `public/` holds."""
