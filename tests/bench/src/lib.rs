//! Benchmarks of the parts and of a whole network.
