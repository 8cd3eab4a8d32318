//! The directions in which rooms may use each other.
