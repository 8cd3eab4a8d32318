//! A text that is told several times: in its part, in its item, and in the answer.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::wire::escape;

/// A text whose clones share it, and the JSON that spells it.
#[derive(Clone)]
pub struct Repeated(Arc<Spelt>);

struct Spelt {
    text: String,
    json: OnceLock<Option<Box<RawValue>>>,
}

impl From<String> for Repeated {
    fn from(text: String) -> Self {
        Self(Arc::new(Spelt {
            text,
            json: OnceLock::new(),
        }))
    }
}

impl Deref for Repeated {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.text
    }
}

impl fmt::Debug for Repeated {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, formatter)
    }
}

impl PartialEq for Repeated {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for Repeated {}

impl Serialize for Repeated {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.json.get_or_init(|| json(self)) {
            Some(json) => json.serialize(serializer),
            None => serializer.serialize_str(self),
        }
    }
}

/// Always there: what is escaped is JSON.
fn json(text: &str) -> Option<Box<RawValue>> {
    let mut out = Vec::new();
    escape::string(text, &mut out);
    RawValue::from_string(String::from_utf8(out).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_a_text_each_time() {
        let text = "a \"quoted\"\n\u{1} \u{1f600}";
        let repeated = Repeated::from(text.to_owned());
        for told in [repeated.clone(), repeated] {
            assert_eq!(
                serde_json::to_string(&told).unwrap(),
                serde_json::to_string(text).unwrap()
            );
            assert_eq!(serde_json::to_value(&told).unwrap(), text);
        }
    }
}
