"""What makes a program a good citizen of its cluster: settings, logs, metrics, health, clock."""
