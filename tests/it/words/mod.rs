//! Help, errors and the commands of the README, as snapshots.
