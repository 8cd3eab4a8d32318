//! What holds for every turn, recorded or made up.
