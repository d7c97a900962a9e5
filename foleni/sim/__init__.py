"""`foleni-sim`: customers and counters played against any branch, knowing only the contract."""
