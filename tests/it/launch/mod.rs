//! Real processes, real signals, an own HOME; nothing is left.

mod ends;
mod fake;
mod lent;
mod real;
mod remains;
mod search;
mod stops;

use fake::Fake;
