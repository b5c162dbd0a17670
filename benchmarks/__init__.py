"""What a decision costs, beside a frozen yardstick and two peers: `python -m benchmarks.decide`, docs/benchmarks.md."""
