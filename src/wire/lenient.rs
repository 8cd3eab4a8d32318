//! Reads a field whose shape is not what was asked for as if it were absent.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// `None` when the value is null or of another shape, so that one odd field never costs a whole chunk.
pub fn option<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    // Asked for first, because a `Value` would read null as itself.
    if raw.get() == "null" {
        return Ok(None);
    }
    Ok(serde_json::from_str(raw.get()).ok())
}

/// The elements that can be read; an absent, null or odd list is empty.
pub fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let Ok(elements) = serde_json::from_str::<Vec<Box<RawValue>>>(raw.get()) else {
        return Ok(Vec::new());
    };
    Ok(elements
        .iter()
        .filter_map(|element| serde_json::from_str(element.get()).ok())
        .collect())
}
