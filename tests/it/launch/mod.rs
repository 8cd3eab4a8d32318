//! Real processes, real signals, an own HOME; nothing is left.

mod ends;
mod fake;
mod lent;
mod real;
mod remains;
mod stops;

use fake::Fake;
