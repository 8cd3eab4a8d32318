//! Whole turns as they travel, compared whole.
