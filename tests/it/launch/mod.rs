//! Real processes, real signals, an own HOME; nothing is left.
