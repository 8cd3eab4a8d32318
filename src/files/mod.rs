//! Files and folders of this user's: nobody else reads them, none is found half written, and nobody puts anything in
//! their place.
//!
//! Whoever writes asks for a folder first ([`beneath`], [`folder`], [`linked_folder`]), which is made or refused. A
//! file is then begun ([`new_file`]), put in the place of another ([`replace`]) or grows ([`append`]). What goes wrong
//! is an [`io::Error`](std::io::Error) that [`Error::file`] makes a sentence of.

#![forbid(unsafe_code)]

mod error;
mod folder;
pub(crate) mod lock;
mod whole;

pub use error::{Error, Root};
pub use folder::{beneath, folder, found, linked_folder, usable, usable_linked, writable};
pub use whole::{absent, append, new_file, private_folder, read, replace, sweep};
