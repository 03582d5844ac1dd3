"""What Isthmus costs and bears: ``make bench``."""
