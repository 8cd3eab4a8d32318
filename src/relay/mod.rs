//! The listener on loopback; one turn from request to last event.
