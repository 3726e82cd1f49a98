"""What every test can rely on: one tree under test, and no secret anywhere."""
