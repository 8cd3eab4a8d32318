//! What a provider tells of a search of the web, in every spelling that was seen.

use serde::Deserialize;
use serde_json::Value;

use super::{json, lenient};

/// A page that was found or cited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Page {
    #[serde(default, deserialize_with = "lenient::option")]
    url: Option<String>,
    /// GLM's name for the address.
    #[serde(default, deserialize_with = "lenient::option")]
    link: Option<String>,
    /// Its title.
    #[serde(default, deserialize_with = "lenient::option")]
    pub title: Option<String>,
    /// Where in the text it is cited, in characters.
    #[serde(default, deserialize_with = "lenient::option")]
    pub start_index: Option<u64>,
    /// Where the citation ends.
    #[serde(default, deserialize_with = "lenient::option")]
    pub end_index: Option<u64>,
}

lenient::object!(Annotation, ExecutedTool, Page, Results);

impl Page {
    /// A page of which nothing but the address is known.
    #[must_use]
    pub fn at(address: &str) -> Self {
        Self {
            url: Some(address.to_owned()),
            ..Self::default()
        }
    }

    /// The address, if it has one.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        let given = [&self.url, &self.link].into_iter().flatten();
        given.map(String::as_str).find(|address| !address.is_empty())
    }
}

/// An annotation of a message: `{"type":"url_citation","url_citation":{…}}` (OpenAI, OpenRouter), or the same flat.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Annotation {
    #[serde(default, deserialize_with = "lenient::option")]
    r#type: Option<String>,
    #[serde(default, deserialize_with = "lenient::option")]
    url_citation: Option<Page>,
    #[serde(default, deserialize_with = "lenient::option")]
    url: Option<String>,
    #[serde(default, deserialize_with = "lenient::option")]
    title: Option<String>,
    #[serde(default, deserialize_with = "lenient::option")]
    start_index: Option<u64>,
    #[serde(default, deserialize_with = "lenient::option")]
    end_index: Option<u64>,
}

impl Annotation {
    /// The page that is cited; annotations of files cite none.
    #[must_use]
    pub fn page(self) -> Option<Page> {
        if self.r#type.as_deref() != Some("url_citation") {
            return None;
        }
        let flat = Page {
            url: self.url,
            link: None,
            title: self.title,
            start_index: self.start_index,
            end_index: self.end_index,
        };
        Some(self.url_citation.unwrap_or(flat))
    }
}

/// A tool that Groq ran; told when it begins, and again with what it gave.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct ExecutedTool {
    /// Which one of the answer.
    #[serde(default, deserialize_with = "lenient::option")]
    pub index: Option<i64>,
    #[serde(default, deserialize_with = "lenient::option")]
    arguments: Option<String>,
    #[serde(default, deserialize_with = "lenient::option")]
    search_results: Option<Results>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
struct Results {
    #[serde(default, deserialize_with = "lenient::list")]
    results: Vec<Page>,
}

impl ExecutedTool {
    /// What was searched for, if it searched.
    #[must_use]
    pub fn query(&self) -> Option<String> {
        let arguments: Value = serde_json::from_str(self.arguments.as_deref()?).ok()?;
        arguments.get("query")?.as_str().map(str::to_owned)
    }

    /// What was found.
    #[must_use]
    pub fn pages(self) -> Vec<Page> {
        self.search_results.unwrap_or_default().results
    }
}

/// An element of `citations`: an address, or a page.
#[must_use]
pub fn citation(value: &Value) -> Option<Page> {
    match value {
        Value::String(address) => Some(Page::at(address)),
        page => json::from_value(page).ok(),
    }
}
