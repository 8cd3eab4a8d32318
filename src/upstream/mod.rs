//! One HTTP client toward the provider; the pure decision whether to retry.
