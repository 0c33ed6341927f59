"""What every scheduler and every forecaster must do, as tests that their authors inherit."""
