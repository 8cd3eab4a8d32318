//! The relay against a mock provider, over real sockets.
