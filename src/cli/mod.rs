//! What was typed; who is called for it; the only reader of the environment, the only one that ends the process.
