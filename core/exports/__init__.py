"""What a reader carries away: tables, a report in one file, a notebook."""
