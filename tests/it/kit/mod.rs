//! What tests share: a strict mock provider, folders of their own, processes that end with the test.
