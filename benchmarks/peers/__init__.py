"""The same jobs without Isthmus. These run in a virtual environment of their own."""
