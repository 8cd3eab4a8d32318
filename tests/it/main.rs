//! All tests that need more than one room, in one program.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod auth;
mod bounds;
mod codex;
mod docs;
mod doctor;
mod facts;
mod faults;
mod fuzz;
mod house;
mod kit;
mod launch;
mod laws;
mod live;
mod made_of;
mod manual;
mod models;
mod packages;
mod packaging;
mod providers;
mod relay;
mod serve;
mod shells;
mod shim;
mod specification;
mod turns;
mod words;
