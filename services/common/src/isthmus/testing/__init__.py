"""What tests need: builders, fakes, clocks. Imported by tests alone."""
