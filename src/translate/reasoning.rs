//! What a provider needs back of its reasoning, inside `encrypted_content`.
